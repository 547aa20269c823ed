//! Which way a picture runs, so that it fills a slide of 16:9 with letters that can be
//! read: in one row, in several, or down.

use super::{
    draw::{Frame, layout},
    place::{Axis, Layout, TooTangled},
    rows::{Gathered, Lanes, in_rows},
    scene::Scene,
};

/// The slide that a picture is made for, in pixels.
pub const SLIDE: (f64, f64) = (1920.0, 1080.0);

/// From this scale on the slide a picture is read with ease as it is.
const EASY: f64 = 1.25;

/// Rows that are tried at most, and parts of a picture that is laid out several times.
const MOST_ROWS: usize = 6;
const MOST_PARTS: usize = 250;

/// A picture that runs down is somewhat less of a habit.
const UNUSUAL: f64 = 0.85;

/// Where a picture runs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// As it fills a slide best.
    #[default]
    Auto,
    /// To the right, in one row.
    Right,
    /// From top to bottom.
    Down,
}

/// How much larger a picture is on a slide that it fills.
pub fn scale(scene: &Scene, layout: &Layout) -> f64 {
    let frame = Frame::of(scene, layout);
    (SLIDE.0 / frame.width).min(SLIDE.1 / frame.height)
}

/// A scene with its layout; in several rows it has parts more, where edges turn.
///
/// # Errors
/// The scene is too tangled.
pub fn arranged(scene: Scene, direction: Direction) -> Result<(Scene, Layout), TooTangled> {
    if direction == Direction::Down {
        let layout = layout(&scene, Axis::Down)?;
        return Ok((scene, layout));
    }
    let row = layout(&scene, Axis::Right)?;
    let in_one_row = scale(&scene, &row);
    if direction == Direction::Right || in_one_row >= EASY || scene.items.len() > MOST_PARTS {
        return Ok((scene, row));
    }
    let mut best = (in_one_row, None);
    let mut better = |scale: f64, found: (Scene, Layout)| {
        // Another way must be worth it.
        if scale > 1.05 * best.0 {
            best = (scale, Some(found));
        }
        best.0 >= EASY
    };
    let lanes = Lanes { apart: 9.0, around: 16.0 };
    let mut is_easy = false;
    for rows in 2..=MOST_ROWS {
        let Some((broken, placed)) =
            in_rows(&scene, &row, rows, Gathered::All, &lanes, &|row| layout(row, Axis::Right))?
        else {
            break;
        };
        is_easy = better(scale(&broken, &placed), (broken, placed));
        if is_easy {
            break;
        }
    }
    if !is_easy {
        let down = layout(&scene, Axis::Down)?;
        better(UNUSUAL * scale(&scene, &down), (scene.clone(), down));
    }
    Ok(best.1.unwrap_or((scene, row)))
}
