//! LangChain and LangGraph: what runs a language model, and how parts become one that does.

use super::mixes::NET;
use crate::libraries::{ClassRow, Effects, Library, Ret, Row, call, class};

/// LangChain.
pub const LIBRARY: Library = Library {
    name: "LangChain",
    roots: &[
        "langchain",
        "langchain_anthropic",
        "langchain_community",
        "langchain_core",
        "langchain_google_genai",
        "langchain_ollama",
        "langchain_openai",
        "langgraph",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const CHAIN: Ret = Ret::Inst("langchain_core.runnables.RunnableSequence");
const MODEL: Ret = Ret::Inst("langchain_core.language_models.BaseChatModel");
const PROMPT: Ret = Ret::Inst("langchain_core.prompts.ChatPromptTemplate");
const GRAPH: Ret = Ret::Inst("langgraph.graph.CompiledStateGraph");
const EMBEDDINGS: Ret = Ret::Inst("langchain_core.embeddings.Embeddings");

const ROWS: &[Row] = &[
    // https://python.langchain.com/docs/concepts/runnables/
    call("langchain_core.runnables.Runnable.__or__").gives(CHAIN),
    call("langchain_core.runnables.Runnable.abatch").does(Effects::NETWORK).asynchronous(),
    call("langchain_core.runnables.Runnable.ainvoke").does(Effects::NETWORK).asynchronous(),
    call("langchain_core.runnables.Runnable.batch").does(NET),
    call("langchain_core.runnables.Runnable.invoke").does(NET),
    call("langchain_core.runnables.Runnable.stream").does(NET),
    call("langchain_core.runnables.Runnable.with_config").gives(Ret::Receiver),
    call("langchain_core.runnables.Runnable.with_retry").gives(Ret::Receiver),
    // https://python.langchain.com/docs/concepts/chat_models/
    call("langchain.chat_models.init_chat_model").gives(MODEL),
    call("langchain_anthropic.ChatAnthropic").gives(MODEL),
    call("langchain_core.language_models.BaseChatModel.bind_tools").gives(CHAIN),
    call("langchain_core.language_models.BaseChatModel.with_structured_output").gives(CHAIN),
    call("langchain_google_genai.ChatGoogleGenerativeAI").gives(MODEL),
    call("langchain_ollama.ChatOllama").gives(MODEL),
    call("langchain_openai.AzureChatOpenAI").gives(MODEL),
    call("langchain_openai.ChatOpenAI").gives(MODEL),
    // https://python.langchain.com/docs/concepts/prompt_templates/
    call("langchain_core.prompts.ChatPromptTemplate").gives(PROMPT),
    call("langchain_core.prompts.ChatPromptTemplate.__or__").gives(CHAIN),
    call("langchain_core.prompts.ChatPromptTemplate.format").gives(Ret::Str),
    call("langchain_core.prompts.ChatPromptTemplate.from_messages").gives(PROMPT),
    call("langchain_core.prompts.ChatPromptTemplate.from_template").gives(PROMPT),
    call("langchain_core.prompts.ChatPromptTemplate.invoke"),
    call("langchain_core.prompts.PromptTemplate").gives(PROMPT),
    call("langchain_core.prompts.PromptTemplate.from_template").gives(PROMPT),
    // https://python.langchain.com/docs/concepts/embedding_models/
    call("langchain_core.embeddings.Embeddings.aembed_documents").does(Effects::NETWORK).asynchronous(),
    call("langchain_core.embeddings.Embeddings.aembed_query").does(Effects::NETWORK).asynchronous(),
    call("langchain_core.embeddings.Embeddings.embed_documents").does(NET).gives(Ret::List),
    call("langchain_core.embeddings.Embeddings.embed_query").does(NET).gives(Ret::List),
    call("langchain_openai.OpenAIEmbeddings").gives(EMBEDDINGS),
    // https://langchain-ai.github.io/langgraph/reference/graphs/
    call("langgraph.graph.StateGraph").gives(Ret::Inst("langgraph.graph.StateGraph")),
    call("langgraph.graph.StateGraph.compile").gives(GRAPH),
    call("langgraph.prebuilt.create_react_agent").gives(GRAPH),
];

const CLASSES: &[ClassRow] = &[
    // https://python.langchain.com/docs/concepts/runnables/
    class("langchain_core.runnables.Runnable"),
    class("langchain_core.runnables.RunnableSequence").extends(&["langchain_core.runnables.Runnable"]),
    // https://python.langchain.com/docs/concepts/chat_models/
    class("langchain_core.language_models.BaseChatModel").extends(&["langchain_core.runnables.Runnable"]),
    // https://python.langchain.com/docs/concepts/prompt_templates/
    class("langchain_core.prompts.ChatPromptTemplate"),
    class("langchain_core.prompts.PromptTemplate").extends(&["langchain_core.prompts.ChatPromptTemplate"]),
    // https://python.langchain.com/docs/concepts/embedding_models/
    class("langchain_core.embeddings.Embeddings"),
    // https://langchain-ai.github.io/langgraph/reference/graphs/
    class("langgraph.graph.CompiledStateGraph").extends(&["langchain_core.runnables.Runnable"]),
    class("langgraph.graph.StateGraph"),
];

const ALIASES: &[(&str, &str)] = &[
    ("langchain.chat_models.ChatOpenAI", "langchain_openai.ChatOpenAI"),
    ("langchain.embeddings.OpenAIEmbeddings", "langchain_openai.OpenAIEmbeddings"),
    ("langchain.prompts", "langchain_core.prompts"),
    ("langchain.schema.runnable", "langchain_core.runnables"),
    ("langchain_community.chat_models.ChatOllama", "langchain_ollama.ChatOllama"),
    ("langchain_community.chat_models.ChatOpenAI", "langchain_openai.ChatOpenAI"),
    ("langchain_core.language_models.chat_models", "langchain_core.language_models"),
    ("langchain_core.prompts.chat", "langchain_core.prompts"),
    ("langchain_core.runnables.base", "langchain_core.runnables"),
    ("langgraph.graph.state", "langgraph.graph"),
];
