//! The page: mounts the views in the place of the static page.

use drydock_web::platform::boot;
use drydock_web::state::store::Store;
use drydock_web::views::App;
use leptos::mount::mount_to;
use leptos::prelude::*;

fn main() {
    if let Some(root) = boot::take_root() {
        mount_to(root, || {
            let store = Store::new();
            drydock_web::browser::connect(store);
            view! { <App store=store /> }
        })
        .forget();
    }
}
