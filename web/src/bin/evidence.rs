//! The worker that reads runtime evidence: listens for requests of the page.

fn main() {
    drydock_web::evidence::start();
}
