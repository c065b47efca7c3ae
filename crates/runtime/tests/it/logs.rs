//! What programs write, read back whole: merged, followed, across rotations.

use std::time::Duration;

use appia_intent::WorkloadKind;
use appia_plan::Verb;
use appia_runtime::logs::{Follow, LogQuery, LogStream, read};
use futures::StreamExt;

use crate::bench::{Bench, container, every_file, get, wait_until, web, workload, workload_object};

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_both_streams_come_in_order_and_are_followed() {
    let bench = Bench::new().await;
    let script = "echo first; echo second >&2; printf 'no end'";
    let job = workload("job", WorkloadKind::Job, container(&["/bin/sh", "-c", script], &[]));
    bench.take(Verb::Create, &workload_object(job)).await.unwrap();
    let query = LogQuery { workloads: ["job".to_owned()].into(), ..LogQuery::default() };
    let lines: Vec<_> = read(&bench.home, &bench.owner, query).collect().await;
    let mut shown: Vec<_> = lines.iter().map(|line| (line.text.as_str(), line.stream)).collect();
    shown.sort_by_key(|line| line.0.to_owned());
    assert_eq!(shown, [("first", LogStream::Out), ("no end", LogStream::Out), ("second", LogStream::Err)]);
    assert!(lines.is_sorted_by_key(|line| line.at_micros));

    bench.take(Verb::Create, &workload_object(web("api", &[]))).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    let query = LogQuery { tail: Some(1), follow: Follow::Yes, ..LogQuery::default() };
    let mut stream = Box::pin(read(&bench.home, &bench.owner, query));
    assert!(stream.next().await.unwrap().text.starts_with("listening on"));
    get(&url, "/print/hello");
    let next = tokio::time::timeout(Duration::from_secs(10), stream.next()).await.unwrap().unwrap();
    assert_eq!((next.text.as_str(), next.workload.as_str()), ("hello", "api"));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_loses_no_line_when_files_are_rotated() {
    let bench = Bench::new().await;
    // 400,000 lines of 40 bytes and more: at least one rotation of 10 MiB.
    let script = "read line < /dev/null; i=0; while [ $i -lt 40 ]; do i=$((i+1)); seq -f '%010.0f and what else there is to say' $((i*10000-9999)) $((i*10000)); done; sleep 1000";
    let worker = workload("many", WorkloadKind::Worker, container(&["/bin/sh", "-c", script], &[]));
    let query = LogQuery { follow: Follow::Yes, ..LogQuery::default() };
    let stream = Box::pin(read(&bench.home, &bench.owner, query));
    bench.take(Verb::Create, &workload_object(worker)).await.unwrap();
    let all = stream.take(400_000).enumerate().map(|(index, line)| {
        let number: usize = line.text.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(number, index + 1);
    });
    tokio::time::timeout(Duration::from_secs(120), all.count()).await.unwrap();
    let folder = bench.home.owner_folder(&bench.owner).join("logs/many");
    wait_until("there is a rotated file", || {
        every_file(&folder).iter().any(|(path, _)| path.extension().is_some_and(|end| end == "1"))
    })
    .await;
    assert!(every_file(&folder).iter().all(|(_, bytes)| bytes.len() <= (10 << 20)));
    bench.finish().await;
}
