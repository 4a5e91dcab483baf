//! The first screen: what this is, the drop card, what it reads and checks.

use crate::platform::boot::EngineState;
use crate::state::html::Html;
use crate::state::store::{Dialog, Host, Store};
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon};
use crate::words;
use drydock_core::checks::CATALOGUE;
use drydock_core::report::model::Category;
use leptos::prelude::*;

/// The screen.
pub fn landing(store: Store) -> AnyView {
    view! {
        <div class="landing">
            <div class="landing-head">
                <h1>{words::HEADLINE}</h1>
                <p>{words::PITCH}</p>
            </div>
            <section class="drop-card" aria-labelledby="drop-title">
                {art()}
                <h2 class="drop-title" id="drop-title">{words::DROP_TITLE}</h2>
                <p class="dim">{words::DROP_FORMATS}</p>
                <div class="drop-actions">
                    <button
                        type="button"
                        class="button button-large button-primary"
                        id="choose-zip"
                        data-choose="files"
                        on:click=move |_| store.ask(|host| host.choose_files(None))
                    >
                        {words::CHOOSE_ZIP}
                    </button>
                    <button
                        type="button"
                        class="button button-large"
                        id="choose-folder"
                        data-choose="folder"
                        on:click=move |_| store.ask(Host::choose_folder)
                    >
                        {words::CHOOSE_FOLDER}
                    </button>
                    <button
                        type="button"
                        class="button button-large"
                        id="try-example"
                        data-choose="example"
                        on:click=move |_| store.ask(Host::try_example)
                    >
                        {words::TRY_EXAMPLE}
                    </button>
                </div>
                <p class="drop-note">
                    <span class="drop-stays">{icon(Icon::Lock)}{words::STAYS_HERE}</span>
                    {engine(store)}
                </p>
            </section>
            <div class="landing-foot">
                <dl class="stacks" inner_html=stacks()></dl>
                <div class="landing-more">
                    {checks()}
                    {button("text-button", "open-report", words::OPEN_REPORT, move || store.ask(|host| host.choose_files(None)))}
                    {button("text-button", "compare-two", words::COMPARE_TWO, move || store.dialog.set(Some(Dialog::Versions)))}
                </div>
            </div>
        </div>
    }
    .into_any()
}

fn engine(store: Store) -> AnyView {
    (move || {
        store.boot.with(|boot| match &boot.engine {
            EngineState::Ready => None,
            EngineState::Loading { percent } => Some(format!("Engine loading {percent}%")),
            EngineState::Failed { reason } => Some(format!("The engine could not be loaded: {reason}")),
        })
    })
    .into_any()
}

fn stacks() -> String {
    let mut out = Html::default();
    for (name, what) in words::STACKS {
        out.raw("<div><dt>").text(name).raw("</dt><dd>").text(what).raw("</dd></div>");
    }
    out.done()
}

fn checks() -> AnyView {
    let mut columns = Html::default();
    for category in Category::ALL {
        columns.raw("<div><h3>").text(category.title()).raw("</h3><ul>");
        for check in CATALOGUE.iter().filter(|check| check.category == category) {
            columns.raw("<li>").text(check.title);
            if !check.available {
                columns.raw("<span class=\"later\"> (").text(words::NOT_YET).raw(")</span>");
            }
            columns.raw("</li>");
        }
        columns.raw("</ul></div>");
    }
    view! {
        <details>
            <summary>{format!("{} ({})", words::WHAT_IT_CHECKS, CATALOGUE.len())}</summary>
            <div class="check-columns" inner_html=columns.done()></div>
        </details>
    }
    .into_any()
}

fn art() -> AnyView {
    view! {
        <svg
            class="drop-art"
            viewBox="0 0 56 56"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html="<path d='M6 22v22a4 4 0 0 0 4 4h36a4 4 0 0 0 4-4V22'/><path d='M28 8v24M20 24.5 28 32.5l8-8'/><path d='M15 40h26'/>"
        ></svg>
    }
    .into_any()
}
