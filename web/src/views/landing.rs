//! The first screen: what this is, the drop card, what it reads and checks.

use crate::platform::boot::EngineState;
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
                <dl class="stacks">
                    {words::STACKS
                        .into_iter()
                        .map(|(name, what)| view! { <div><dt>{name}</dt><dd>{what}</dd></div> })
                        .collect_view()}
                </dl>
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

fn checks() -> AnyView {
    let columns = Category::ALL
        .into_iter()
        .map(|category| {
            let list = CATALOGUE
                .iter()
                .filter(|check| check.category == category)
                .map(|check| {
                    let later = (!check.available)
                        .then(|| view! { <span class="later">{format!(" ({})", words::NOT_YET)}</span> });
                    view! { <li>{check.title}{later}</li> }
                })
                .collect_view();
            view! { <div><h3>{category.title()}</h3><ul>{list}</ul></div> }
        })
        .collect_view();
    view! {
        <details>
            <summary>{format!("{} ({})", words::WHAT_IT_CHECKS, CATALOGUE.len())}</summary>
            <div class="check-columns">{columns}</div>
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
