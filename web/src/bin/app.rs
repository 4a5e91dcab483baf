//! The page: mounts the views in the place of the static page.

use leptos::mount::mount_to;
use leptos::prelude::*;

fn main() {
    if let Some(root) = drydock_web::platform::boot::take_root() {
        mount_to(root, || view! { <h1>"Drydock"</h1> }).forget();
    }
}
