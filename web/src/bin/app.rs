//! The page: mounts the views.
use leptos::prelude::*;

fn main() {
    leptos::mount::mount_to_body(|| view! { <p>"Drydock"</p> });
}
