//! A small table that scrolls by itself where it is too wide.

use leptos::prelude::*;

/// The table with the heads `heads`, named `name`.
pub fn table(heads: &[&'static str], name: &'static str, rows: Vec<AnyView>) -> AnyView {
    let heads = heads.iter().map(|head| view! { <th scope="col">{*head}</th> }).collect_view();
    view! {
        <div class="table-wrap" tabindex="0" role="group" aria-label=name>
            <table class="table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}
