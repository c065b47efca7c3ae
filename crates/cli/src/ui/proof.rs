//! What came out of a plan that was played, for people.

use appia_api::documents::{PlayedState, PlayedTime, Proof};

use super::table::table;
use super::{Ui, style};

impl Ui {
    /// Writes each percentile and the availability, as computed and as played.
    pub(crate) fn proof(&self, proof: &Proof) {
        let mut text = format!(
            "{} {}\n",
            style::strong(&format!(
                "played {} requests and {} years of failures",
                proof.requests, proof.years
            )),
            style::dim(&format!("seed {}", proof.seed))
        );
        let header = ["workload", "percentile", "computed", "played", "95 % of plays", ""];
        text.push_str(&table(&header, proof.times.iter().map(time).collect(), &[1, 2, 3, 4]));
        if let Some(found) = &proof.availability {
            text.push_str(&format!(
                "\nthere {:.4}% of the time ({:.4}% to {:.4}%)\n",
                found.played * 100.0,
                found.low * 100.0,
                found.high * 100.0
            ));
        }
        let rows = proof.outcomes.iter().map(|outcome| {
            let computed = outcome.computed.clone().unwrap_or_else(|| "not computed".to_owned());
            [outcome.address.trim_start_matches("outcomes.").to_owned(), outcome.promised.clone(), computed]
        });
        text.push_str(&table(&["outcome", "promised", "computed"], rows.collect(), &[]));
        if let Some(picture) = &proof.picture {
            text.push_str(&format!("\nwrote {picture}\n"));
        }
        self.data(&text);
    }
}

fn time(time: &PlayedTime) -> [String; 6] {
    let lost = match time.state {
        PlayedState::Whole => "",
        PlayedState::ZoneLost => ", a zone lost",
    };
    [
        time.address.clone(),
        format!("p{:.0}{lost}", time.percentile),
        time.computed_ms.map_or_else(|| "no end".to_owned(), |computed| format!("{computed:.1}ms")),
        format!("{:.1}ms", time.played_ms),
        format!("{:.1} to {:.1}ms", time.low_ms, time.high_ms),
        if time.safe { style::good("inside or safe") } else { style::warning("below") },
    ]
}
