//! Colours. Each has one meaning, and nothing is said by colour alone: blue and
//! vermilion as of Okabe and Ito, darkened or lightened until they read as text.

use super::kept::Grade;

/// Which colours a picture has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Light, or dark where the reader's screen is.
    #[default]
    Auto,
    Light,
    Dark,
}

/// One set of colours, told apart in every common kind of colour blindness.
pub struct Palette {
    pub paper: &'static str,
    pub ink: &'static str,
    pub faint: &'static str,
    /// The inside of boxes.
    pub fill: &'static str,
    pub value: &'static str,
    pub gradient: &'static str,
    pub wrong: &'static str,
    pub doubtful: &'static str,
    pub good: &'static str,
}

impl Palette {
    /// The colour of digits that are kept.
    pub fn of(&self, grade: Grade) -> &'static str {
        match grade {
            Grade::Enough => self.good,
            Grade::Few => self.doubtful,
            Grade::Lost => self.wrong,
        }
    }
}

pub const LIGHT: Palette = Palette {
    paper: "#ffffff",
    ink: "#1c1c1c",
    faint: "#6a6a6a",
    fill: "#f6f6f3",
    value: "#0b57a4",
    gradient: "#a8380a",
    wrong: "#b00020",
    doubtful: "#7a5c00",
    good: "#2b6b3f",
};

pub const DARK: Palette = Palette {
    paper: "#16181c",
    ink: "#ececec",
    faint: "#a0a4ab",
    fill: "#23262c",
    value: "#8cbcff",
    gradient: "#ffab7a",
    wrong: "#ff6b7d",
    doubtful: "#e5c04b",
    good: "#7fce97",
};

impl Theme {
    /// The colours for a format that has but one set of them.
    pub fn palette(self) -> &'static Palette {
        match self {
            Self::Auto | Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }

    /// The rules of a style sheet for a page, with the colours as variables: light or
    /// dark as the reader's screen is, unless the page says so in `data-theme`.
    pub fn page_rules() -> String {
        let (light, dark) = (variables("light", &LIGHT), variables("dark", &DARK));
        format!(
            ":root {{ {light} }}\n\
             @media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n\
             :root[data-theme=dark] {{ {dark} }}\n{}",
            rules(&VARIABLES)
        )
    }

    /// The rules of a style sheet for a picture.
    pub fn rules(self) -> String {
        match self {
            Self::Light => rules(&LIGHT),
            Self::Dark => rules(&DARK),
            Self::Auto => {
                format!("{}@media (prefers-color-scheme: dark) {{\n{}}}\n", rules(&LIGHT), rules(&DARK))
            }
        }
    }
}

/// The colours by the names that a page gives them.
const VARIABLES: Palette = Palette {
    paper: "var(--paper)",
    ink: "var(--ink)",
    faint: "var(--faint)",
    fill: "var(--fill)",
    value: "var(--value)",
    gradient: "var(--gradient)",
    wrong: "var(--wrong)",
    doubtful: "var(--doubtful)",
    good: "var(--good)",
};

fn variables(scheme: &str, palette: &Palette) -> String {
    let Palette { paper, ink, faint, fill, value, gradient, wrong, doubtful, good } = palette;
    format!(
        "color-scheme: {scheme}; --paper: {paper}; --ink: {ink}; --faint: {faint}; --fill: {fill}; \
         --value: {value}; --gradient: {gradient}; --wrong: {wrong}; --doubtful: {doubtful}; --good: {good};"
    )
}

fn rules(palette: &Palette) -> String {
    let Palette { paper, ink, faint, fill, value, gradient, wrong, doubtful, good } = palette;
    format!(
        "text {{ fill: {ink} }}\n\
         .paper {{ fill: {paper} }}\n\
         .shape {{ fill: {fill}; stroke: {ink}; stroke-width: 1.4 }}\n\
         .bare {{ fill: none; stroke: {ink}; stroke-width: 1.1 }}\n\
         .group {{ fill: none; stroke: {faint}; stroke-width: 1.2; stroke-dasharray: 7 4 }}\n\
         .edge {{ fill: none; stroke: {ink}; stroke-width: 1.2 }}\n\
         .head {{ fill: {ink} }}\n\
         .faint, .port {{ fill: {faint} }}\n\
         .value {{ fill: {value} }}\n\
         .gradient {{ fill: {gradient}; font-style: italic }}\n\
         .bracket.value {{ fill: none; stroke: {value} }}\n\
         .bracket.gradient {{ fill: none; stroke: {gradient} }}\n\
         .bracket {{ fill: none; stroke: {ink}; stroke-width: 1.2 }}\n\
         .dashed {{ stroke-dasharray: 4 3 }}\n\
         .wrong {{ stroke: {wrong}; stroke-width: 3.2 }}\n\
         .kept-enough {{ fill: {good} }}\n\
         .kept-few {{ fill: {doubtful} }}\n\
         .kept-lost {{ fill: {wrong}; font-weight: bold }}\n\
         .kink, .undecided, .lost {{ stroke: {doubtful}; stroke-width: 2.4 }}\n\
         .badge-wrong {{ fill: {wrong} }}\n\
         .badge-kink, .badge-undecided, .badge-lost {{ fill: {doubtful} }}\n\
         .badge-ok {{ fill: {good} }}\n\
         .on-badge {{ fill: {paper} }}\n\
         .badge-sign {{ fill: none; stroke: {paper}; stroke-width: 1.6 }}\n"
    )
}
