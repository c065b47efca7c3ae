//! Static sites: what is served and what is not.

use std::os::unix::fs::symlink;

use appia_drivers::build::{Builder, Start};

use crate::project::Project;

#[tokio::test]
async fn files_are_kept_and_secrets_are_not() {
    let project = Project::new(
        Builder::Static,
        &[
            ("index.html", "<p>hello"),
            ("deep/page.html", "<p>deep"),
            (".well-known/security.txt", "Contact: us"),
            (".env", "PASSWORD=secret"),
            ("deep/.env", "PASSWORD=secret"),
            ("draft.html", "ignored"),
            (".gitignore", "draft.html\n"),
        ],
    );
    symlink("deep/page.html", project.path("link.html")).unwrap();
    let artifact = project.build().await;
    let Some(Start::StaticSite { root }) = &artifact.start else { panic!("no site") };
    for kept in ["index.html", "deep/page.html", ".well-known/security.txt", "link.html"] {
        assert!(root.join(kept).is_file(), "{kept}");
    }
    for left in [".env", "deep/.env", ".gitignore", "draft.html"] {
        assert!(!root.join(left).exists(), "{left}");
    }
    assert_eq!(project.build().await, artifact);
    project.write("deep/page.html", "<p>deeq");
    assert_ne!(project.build().await.hash, artifact.hash);
}

#[tokio::test]
async fn a_folder_without_a_page_is_no_site() {
    let project = Project::new(Builder::Static, &[("about.html", "")]);
    let error = project.try_build().await.unwrap_err().to_string();
    assert!(error.contains("a site needs an `index.html`"), "{error}");
}

#[tokio::test]
async fn links_and_paths_that_lead_out_are_refused() {
    let mut project = Project::new(Builder::Static, &[("index.html", "")]);
    for target in ["/etc/passwd", "../secret", "deep/../../secret"] {
        symlink(target, project.path("link")).unwrap();
        let error = project.try_build().await.unwrap_err().to_string();
        assert!(error.contains("link` points to") && error.contains(target), "{error}");
        std::fs::remove_file(project.path("link")).unwrap();
    }
    // Its words stay inside, but the way goes over a link to the top, and from there one up.
    project.write("../secret", "");
    project.write("one/two/file", "");
    symlink("../..", project.path("one/two/top")).unwrap();
    project.build().await;
    symlink("one/two/top/../secret", project.path("chain")).unwrap();
    let error = project.try_build().await.unwrap_err().to_string();
    assert!(error.contains("chain` points to `one/two/top/../secret`"), "{error}");
    std::fs::remove_file(project.path("chain")).unwrap();

    for output in ["../source", "/etc"] {
        project.request.options.output = Some(output.into());
        let error = project.try_build().await.unwrap_err().to_string();
        assert_eq!(
            error,
            format!("`{output}` leads out of the folder that is built; name a path inside it, without `..`")
        );
    }
}
