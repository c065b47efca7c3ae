//! The job queue as three lanes: waiting, being packed, packed. Oldest first where work waits, newest first where it is done.

use maud::{Markup, html};

use crate::api::{Job, Queue, Snapshot};
use crate::page::ago;

const SHOWN: usize = 5;

pub fn section(snapshot: &Snapshot) -> Markup {
    let queue = snapshot.status.as_ref().and_then(|status| status.queue.as_ref());
    html! {
        section.card aria-labelledby="queue" {
            header {
                h2 #queue { "The packing queue" }
                @if let Some(queue) = queue { span.dim { (queue.last_minute) " packed in the last minute" } }
            }
            @match queue {
                Some(queue) => (lanes(queue, &snapshot.jobs)),
                None => p.empty { "The queue cannot be seen right now. Nothing in it is lost." },
            }
        }
    }
}

fn lanes(queue: &Queue, jobs: &[Job]) -> Markup {
    html! {
        div.lanes {
            (lane("Waiting", "waiting", queue.queued, of(jobs, "queued")))
            (lane("Packing", "packing", queue.running, of(jobs, "running")))
            (lane("Packed", "packed", queue.done, of(jobs, "done")))
        }
        @if queue.failed > 0 { p.notice.bad { (queue.failed) " jobs were given up after too many attempts." } }
    }
}

fn of<'a>(jobs: &'a [Job], state: &str) -> Vec<&'a Job> {
    jobs.iter().filter(|job| job.state == state).collect()
}

fn lane(title: &str, class: &str, count: i64, jobs: Vec<&Job>) -> Markup {
    html! {
        div.lane.(class) {
            h3 { (title) " " span.count { (count) } }
            ol {
                @for job in jobs.iter().take(SHOWN) { (ticket(job)) }
                @if jobs.is_empty() { li.none { "nothing" } }
                @if count > SHOWN as i64 { li.more { "and " (count - SHOWN as i64) " more" } }
            }
        }
    }
}

fn ticket(job: &Job) -> Markup {
    html! {
        li.ticket title={ "job " (job.id) ", order " (job.order_id) } {
            b { "#" (job.order_id) }
            span { (job.quantity) " × " (job.product) }
            small {
                @match (job.state.as_str(), job.worker) {
                    ("running", Some(worker)) => { "by worker " (worker) },
                    _ => (ago(job.age_s)),
                }
                @if job.attempts > 1 { ", attempt " (job.attempts) }
            }
        }
    }
}
