//! The shop's public face: one page, rendered here from what `api` says.
//!
//! Environment: `API_URL` (required), `PORT` (3000), `HOST` (127.0.0.1), `APPIA_RELEASE` (shown on the page).
//! It keeps nothing: any number of them may run. Start reading at [`router`]; the page is in `page.rs`.

mod api;
mod page;
mod queue;
mod topology;

use std::error::Error;
use std::time::Duration;

use api::{Api, Placed, Snapshot};
use axum::Router;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;
use page::{Draft, Notice};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How long requests in flight may take once the program was told to stop.
const GRACE: Duration = Duration::from_secs(10);

fn router(api: Api) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/live", get(live))
        .route("/orders", post(order))
        .route("/style.css", get(|| file("text/css; charset=utf-8", include_str!("style.css"))))
        .route("/live.js", get(|| file("text/javascript; charset=utf-8", include_str!("live.js"))))
        .route("/icon.svg", get(|| file("image/svg+xml", include_str!("icon.svg"))))
        .route("/healthz", get(|| async { "ok" }))
        .layer(map_response(harden))
        .with_state(api)
}

#[derive(Deserialize)]
struct Arrival {
    placed: Option<i64>,
}

async fn index(State(api): State<Api>, arrival: Result<Query<Arrival>, QueryRejection>) -> Markup {
    let notice = arrival.ok().and_then(|Query(arrival)| arrival.placed).map(Notice::Placed);
    whole(&api, Draft::default(), notice).await
}

/// The part of the page that changes by itself; `live.js` asks for it every second.
async fn live(State(api): State<Api>) -> Markup {
    page::live(&Snapshot::take(&api).await)
}

async fn order(
    State(api): State<Api>,
    headers: HeaderMap,
    form: Result<Form<Draft>, FormRejection>,
) -> Response {
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return (StatusCode::FORBIDDEN, "this form is sent from the shop's own page only").into_response();
    }
    let Ok(Form(draft)) = form else {
        let notice = Notice::Refused("the order could not be read: fill in every field".into());
        return (StatusCode::UNPROCESSABLE_ENTITY, whole(&api, Draft::default(), Some(notice)).await)
            .into_response();
    };
    match api.place(&draft).await {
        Placed::Order(id) => Redirect::to(&format!("/?placed={id}")).into_response(),
        Placed::Refused(why) => {
            let page = whole(&api, draft, Some(Notice::Refused(why))).await;
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Placed::Unreachable => {
            let notice = Notice::Refused("the api does not answer: nothing was ordered, try again".into());
            (StatusCode::SERVICE_UNAVAILABLE, whole(&api, draft, Some(notice)).await).into_response()
        }
    }
}

async fn whole(api: &Api, draft: Draft, notice: Option<Notice>) -> Markup {
    let (snapshot, products) = tokio::join!(Snapshot::take(api), api.products());
    page::whole(&snapshot, &products.unwrap_or_default(), &draft, notice.as_ref())
}

async fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
}

async fn harden(mut response: Response) -> Response {
    let rules = [
        ("content-security-policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
    ];
    for (name, value) in rules {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let url = std::env::var("API_URL")
        .map_err(|_| "API_URL is not set; it is where the api answers, like http://127.0.0.1:8080")?;
    let listener = TcpListener::bind(address()?).await?;
    println!("web {} listens on {}", release(), listener.local_addr()?);

    let (stop, mut stopped) = tokio::sync::watch::channel(());
    let server = axum::serve(listener, router(Api::new(&url))).with_graceful_shutdown(async move {
        let _ = stopped.changed().await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return Ok(ended??),
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    println!("web stops: finishing what is in flight");
    drop(stop);
    let _ = tokio::time::timeout(GRACE, server).await;
    Ok(())
}

fn address() -> Result<(String, u16), String> {
    let host = std::env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = std::env::var("PORT").unwrap_or_else(|_| "3000".into());
    let port = port.parse().map_err(|_| format!("PORT is `{port}`, which is no port number"))?;
    Ok((host, port))
}

/// The release this process belongs to, as the platform told it.
fn release() -> String {
    std::env::var("APPIA_RELEASE").unwrap_or_else(|_| "unknown".into())
}
