//! A deployment on trial beside a proven one: nobody notices what it cannot do, and it is counted.

use super::*;

/// A route with one deployment on trial and one that has proven itself.
fn on_trial(trial: Vec<Upstream>, proven: &Origin) -> Route {
    let trial = Deployment { id: "new".into(), weight: 1, stage: Stage::Trial, instances: trial };
    Route { deployments: vec![deployment("old", 1, &[proven]), trial], ..web(&[]) }
}

fn counted(asked: u64, unanswered: u64) -> TrialCount {
    TrialCount { asked, unanswered }
}

#[tokio::test]
async fn what_may_be_sent_again_goes_to_the_trial_and_all_else_to_the_proven_one() {
    let (old, new) = (Origin::start("old").await, Origin::start("new").await);
    let (gateway, addr) = gateway(&[on_trial(vec![new.upstream()], &old)]).await;
    for _ in 0..10 {
        assert_eq!(ask(addr, "/").await, (200, "new".into()));
    }
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
    assert!(raw(addr, post.as_bytes()).await.ends_with("old"));
    assert_eq!(gateway.trial_count(&["new"]).await, counted(10, 0));
}

#[tokio::test]
async fn what_the_trial_fails_the_proven_one_answers() {
    let (old, new) = (Origin::start("old").await, Origin::start("new").await);
    let (gateway, addr) = gateway(&[on_trial(vec![new.upstream()], &old)]).await;
    new.answer_with(500);
    for _ in 0..20 {
        assert_eq!(ask(addr, "/").await, (200, "old".into()));
    }
    // Three in a row put it aside, as any other.
    assert_eq!((new.requests(), gateway.trial_count(&["new"]).await), (3, counted(3, 3)));
    assert_eq!(gateway.snapshot().await.routes[0].errors, 0, "no client saw one");
}

#[tokio::test]
async fn what_both_fail_is_not_held_against_the_trial() {
    let (old, new) = (Origin::start("old").await, Origin::start("new").await);
    let (gateway, addr) = gateway(&[on_trial(vec![new.upstream()], &old)]).await;
    old.answer_with(500);
    new.answer_with(503);
    assert_eq!(ask(addr, "/").await.0, 503, "its own answer");
    assert_eq!(gateway.trial_count(&["new"]).await, counted(1, 0));
}

#[tokio::test]
async fn a_trial_that_is_gone_costs_no_request_and_no_retry() {
    let old = Origin::start("old").await;
    let new = Origin::start("new").await;
    let upstreams = vec![new.upstream(), Upstream { id: "new-2".into(), ..new.upstream() }];
    let ejection = Ejection { after: u32::MAX, ..Ejection::default() };
    let (gateway, addr) = gateway(&[Route { ejection, ..on_trial(upstreams, &old) }]).await;
    let mut browser = Browser::open(addr).await;
    assert_eq!(browser.get("/").await.unwrap().1, "new");
    new.kill().await;
    for _ in 0..100 {
        assert_eq!(browser.get("/").await.unwrap(), (200, "old".into()));
    }
    assert_eq!(gateway.trial_count(&["new", "new-2"]).await.unanswered, 100);
}
