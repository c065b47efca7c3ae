//! How response times are spread, against what is promised: an SVG that any browser shows.

use super::Curve;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 60.0;
const BOTTOM: f64 = 40.0;
const TOP: f64 = 40.0;
const COLOURS: [&str; 5] = ["#1f6feb", "#d9730d", "#2da44e", "#8250df", "#cf222e"];

/// A promise to draw: a share of requests and the milliseconds within which they are answered.
type Line = (f64, f64);

/// The picture: share of requests answered over time, one curve for each public workload, one cross for each promise.
pub fn picture(title: &str, curves: &[Curve], promises: &[Line]) -> String {
    let longest = curves.iter().filter_map(|curve| curve.millis.get(995)).copied();
    let most = longest.chain(promises.iter().map(|(_, time)| *time)).fold(1.0, f64::max) * 1.1;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>{0}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\">{0}</text>\n",
        escaped(title)
    );
    svg.push_str(&axes(most));
    for (index, curve) in curves.iter().enumerate() {
        svg.push_str(&line(curve, (index, most)));
    }
    for (share, time) in promises {
        let (x, y) = (across(*time, most), up(*share));
        svg.push_str(&format!(
            "<path d=\"M{x:.1} {:.1}V{:.1}\" stroke=\"#cf222e\" stroke-dasharray=\"4 3\"/>\n\
             <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#cf222e\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#cf222e\">promised: {:.0} % in {time:.0} ms</text>\n",
            up(0.0),
            up(1.0),
            x - 8.0,
            y + 16.0,
            share * 100.0
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

fn axes(most: f64) -> String {
    let mut text = String::new();
    for share in [0.0, 0.25, 0.5, 0.75, 0.95, 1.0] {
        let y = up(share);
        text.push_str(&format!(
            "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#d0d7de\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} %</text>\n",
            WIDTH - 20.0,
            LEFT - 6.0,
            y + 4.0,
            share * 100.0
        ));
    }
    for part in 0..=5 {
        let time = most * f64::from(part) / 5.0;
        text.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{time:.0} ms</text>\n",
            across(time, most),
            HEIGHT - BOTTOM + 18.0
        ));
    }
    text
}

fn line(curve: &Curve, (index, most): (usize, f64)) -> String {
    let colour = COLOURS.get(index % COLOURS.len()).copied().unwrap_or("black");
    let points = curve.millis.iter().enumerate().filter(|(_, time)| **time <= most);
    let points: Vec<String> = points
        .map(|(thousandth, time)| format!("{:.1},{:.1}", across(*time, most), up(thousandth as f64 / 1000.0)))
        .collect();
    format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{colour}\">{}</text>\n",
        points.join(" "),
        WIDTH - 24.0,
        up(0.1) - 16.0 * index as f64,
        escaped(curve.entry.as_str())
    )
}

fn across(time: f64, most: f64) -> f64 {
    LEFT + time / most * (WIDTH - LEFT - 20.0)
}

fn up(share: f64) -> f64 {
    HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
