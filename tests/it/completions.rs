//! Completions and man pages, put in place for a user.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// `graphrun ARGUMENTS` for a user whose home is this folder.
fn graphrun(home: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .args(arguments)
        .env("HOME", home)
        .envs(environment.iter().copied())
        .env_remove("ZDOTDIR")
        .env_remove("FPATH")
        .env_remove("MANPATH")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn completions_and_man_pages_are_put_in_place() {
    let places = [
        ("bash", "bash-completion/completions/graphrun"),
        ("zsh", "zsh/site-functions/_graphrun"),
        ("fish", "fish/vendor_completions.d/graphrun.fish"),
    ];
    for (shell, place) in places {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let environment = [("XDG_DATA_HOME", data.to_str().unwrap())];
        let (code, out, said) = graphrun(home.path(), &["completions", "--install", shell], &environment);
        assert_eq!(code, 0, "{said}");
        let (_, script, _) = graphrun(home.path(), &["completions", shell], &environment);
        assert_eq!(fs::read_to_string(data.join(place)).unwrap(), script);
        assert!(script.contains("softmax_loss") && script.contains("randn"), "{shell}");
        for page in ["graphrun.1", "graphrun-test.1", "graphrun-ops.1"] {
            let path = data.join("man/man1").join(page);
            assert!(out.contains(&format!("wrote {}", path.display())), "{out}");
            assert!(fs::read_to_string(path).unwrap().contains(".TH graphrun"));
        }
        assert!(out.contains(&format!("wrote {}", data.join(place).display())), "{out}");
        let everything: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
        assert_eq!(everything.len(), 1, "nothing but data is written");
    }
}

#[test]
fn the_shell_is_the_one_in_use_and_the_folder_the_users() {
    let home = tempfile::tempdir().unwrap();
    let environment = [("SHELL", "/usr/bin/zsh"), ("XDG_DATA_HOME", ""), ("PATH", "/usr/bin")];
    let install = || graphrun(home.path(), &["completions", "--install"], &environment);
    let (code, out, said) = install();
    assert_eq!(code, 0, "{said}");
    let folder = home.path().join(".local/share/zsh/site-functions");
    assert!(folder.join("_graphrun").is_file());
    let line = format!("fpath=({} $fpath); autoload -Uz compinit; compinit", folder.display());
    assert!(out.contains(&line) && out.contains("export MANPATH="), "{out}");
    fs::write(home.path().join(".zshrc"), format!("{line}\n")).unwrap();
    assert!(!install().1.contains("fpath"));

    let path = format!("/usr/bin:{}", home.path().join(".local/bin").display());
    let environment = [("SHELL", "/bin/bash"), ("XDG_DATA_HOME", ""), ("PATH", path.as_str())];
    let (_, out, _) = graphrun(home.path(), &["completions", "--install"], &environment);
    assert!(out.contains("\n`man graphrun` and") && !out.contains("MANPATH"), "{out}");
    for environment in [[("SHELL", "/bin/dash")], [("SHELL", "")]] {
        let (code, _, said) = graphrun(home.path(), &["completions", "--install"], &environment);
        assert!(code == 2 && said.contains("say which"), "{said}");
    }
}

#[test]
fn man_pages_are_printed() {
    let home = tempfile::tempdir().unwrap();
    let (code, out, _) = graphrun(home.path(), &["man"], &[]);
    assert!(code == 0 && out.contains(".TH graphrun 1") && out.contains("graphrun\\-test(1)"), "{out}");
    assert!(graphrun(home.path(), &["man", "test"], &[]).1.contains("no\\-skip"));
    let (code, _, said) = graphrun(home.path(), &["man", "tset"], &[]);
    assert!(code == 2 && said.contains("the commands are test, explain"), "{said}");
}

#[cfg(unix)]
#[test]
fn bash_completes_the_names_of_ops() {
    let call = "source \"$1\"; COMP_WORDS=(graphrun ops so); COMP_CWORD=2; \
        _graphrun graphrun so ops; echo \"${COMPREPLY[*]}\"";
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("script");
    fs::write(&script, graphrun(home.path(), &["completions", "bash"], &[]).1).unwrap();
    let output = Command::new("bash").args(["-c", call, "bash"]).arg(&script).output();
    // Where there is no bash, there is nobody to ask.
    if let Ok(output) = output {
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "softmax softmax_loss softplus\n");
    }
}
