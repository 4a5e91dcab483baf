//! The engine worker: listens for requests of the page.

fn main() {
    drydock_web::engine::start();
}
