//! The page: a masthead, the topology, the form, the queue and the orders.
//!
//! [`live`] is the part that changes by itself; [`whole`] puts the rest around it. Nothing here talks to anyone.

use maud::{DOCTYPE, Markup, html};
use serde::{Deserialize, Serialize};

use crate::api::{Order, Product, Snapshot};
use crate::{queue, topology};

/// What the visitor typed, kept so that a refused order can be corrected.
#[derive(Deserialize, Serialize)]
pub struct Draft {
    pub sku: String,
    pub quantity: i64,
    pub customer: String,
}

impl Default for Draft {
    fn default() -> Self {
        Draft { sku: "milestone".into(), quantity: 1, customer: String::new() }
    }
}

/// What happened to the order that was just sent.
pub enum Notice {
    Placed(i64),
    Refused(String),
}

pub fn whole(snapshot: &Snapshot, products: &[Product], draft: &Draft, notice: Option<&Notice>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Via & Sons, goods for the road" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
                script src="/live.js" defer {}
            }
            body {
                (masthead())
                main {
                    @match notice {
                        Some(Notice::Placed(id)) => p.notice.good role="status" {
                            "Order " b { "#" (id) } " is placed. Watch it being packed below."
                        },
                        Some(Notice::Refused(why)) => p.notice.bad role="alert" { "Not ordered: " (why) "." },
                        None => {}
                    }
                    div.columns {
                        (counter(products, draft))
                        div #live aria-live="off" { (live(snapshot)) }
                    }
                }
                footer {
                    p { "Three small programs and a database, described by one "
                        code { "appia.yaml" } ". Served by " code { "web" } " of release "
                        code { (crate::release()) } "." }
                }
            }
        }
    }
}

/// The part that is replaced every second.
pub fn live(snapshot: &Snapshot) -> Markup {
    html! {
        section.card aria-labelledby="system" {
            header { h2 #system { "The system, live" } (topology::verdict(snapshot)) }
            (topology::drawing(snapshot))
        }
        (queue::section(snapshot))
        (orders(snapshot.orders.as_deref()))
    }
}

fn masthead() -> Markup {
    html! {
        header.masthead {
            a.brand href="/" {
                svg viewBox="0 0 32 32" width="34" height="34" aria-hidden="true" {
                    path.stone d="M4 30V14a12 12 0 0 1 24 0v16h-7V15a5 5 0 0 0-10 0v15z" {}
                    path.road d="M15 30l.6-10h.8l.6 10z" {}
                }
                span { b { "Via & Sons" } small { "goods for the road since 312 BC" } }
            }
        }
    }
}

/// The form at the left: what can be bought.
fn counter(products: &[Product], draft: &Draft) -> Markup {
    html! {
        section.card.counter aria-labelledby="counter" {
            header { h2 #counter { "Place an order" } }
            @if products.is_empty() {
                p.empty { "The shelves cannot be seen right now. Reload in a moment." }
            } @else {
                form method="post" action="/orders" {
                    fieldset {
                        legend { "What shall it be?" }
                        @for product in products {
                            label.product {
                                input type="radio" name="sku" value=(product.sku) required
                                    checked[product.sku == draft.sku];
                                span { b { (product.name) } small { (product.about) } }
                                span.price { (money(product.price_cents)) }
                            }
                        }
                    }
                    div.pair {
                        label.field { "Your name"
                            input name="customer" value=(draft.customer) maxlength="60" required
                                autocomplete="name" placeholder="Appius Claudius";
                        }
                        label.field.narrow { "How many"
                            input name="quantity" type="number" min="1" max="20" value=(draft.quantity) required;
                        }
                    }
                    button type="submit" { "Order" }
                }
            }
        }
    }
}

fn orders(orders: Option<&[Order]>) -> Markup {
    html! {
        section.card #orders aria-labelledby="latest" {
            header { h2 #latest { "Latest orders" } }
            @match orders {
                None => p.empty { "The orders cannot be seen right now. None of them is lost." },
                Some([]) => p.empty { "No orders yet. The first one is yours." },
                Some(orders) => (table(orders)),
            }
        }
    }
}

fn table(orders: &[Order]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "Order" } th { "For" } th { "Goods" } th.number { "Total" } th { "State" } th.number { "Placed" } } }
            tbody { @for order in orders { (row(order)) } }
        } }
    }
}

fn row(order: &Order) -> Markup {
    html! {
        tr {
            td.dim { "#" (order.id) }
            td { (order.customer) }
            td { (order.quantity) " × " (order.product) }
            td.number { (money(order.total_cents)) }
            td { (pill(&order.state)) }
            td.number.dim { time datetime=(order.created_at) { (ago(order.age_s)) } }
        }
    }
}

/// The state of a job in the shop's own words.
pub fn pill(state: &str) -> Markup {
    let word = match state {
        "queued" => "waiting",
        "running" => "packing",
        "done" => "packed",
        other => other,
    };
    html! { span.pill.(word) { (word) } }
}

fn money(cents: i64) -> String {
    format!("{}.{:02} €", cents / 100, cents % 100)
}

/// "12 s ago": coarse on purpose, so that the page does not flicker.
pub fn ago(seconds: f64) -> String {
    match seconds.max(0.0) as u64 {
        0..=4 => "just now".into(),
        5..=59 => format!("{} s ago", seconds as u64 / 5 * 5),
        60..=3599 => format!("{} min ago", seconds as u64 / 60),
        3600..=86_399 => format!("{} h ago", seconds as u64 / 3600),
        _ => format!("{} d ago", seconds as u64 / 86_400),
    }
}
