//! Clients of services, synchronous ones: whatever method is called waits for the network.

use super::mixes::{FILE, NET};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// Clients of services.
pub const LIBRARY: Library = Library {
    name: "Clients of services",
    roots: &[
        "atlassian",
        "chromadb",
        "cohere",
        "dns.resolver",
        "feedparser",
        "firecrawl",
        "github",
        "gitlab",
        "google.genai",
        "google.generativeai",
        "hvac",
        "jira",
        "kubernetes",
        "ldap3",
        "meilisearch",
        "notion_client",
        "ollama",
        "pinecone",
        "pymilvus",
        "replicate",
        "spotipy",
        "tavily",
        "voyageai",
        "weaviate",
        "yt_dlp",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const RESOURCE: Ret = Ret::Inst("github:resource");
const KUBERNETES: Ret = Ret::Inst("kubernetes.client:api");

const ROWS: &[Row] = &[
    // https://atlassian-python-api.readthedocs.io/
    call("atlassian.Confluence").gives(RESOURCE),
    call("atlassian.Jira").gives(RESOURCE),
    // https://docs.trychroma.com/reference/python/client
    call("chromadb.HttpClient").does(NET).gives(RESOURCE),
    // https://docs.cohere.com/reference/about
    call("cohere.Client").gives(RESOURCE),
    call("cohere.ClientV2").gives(RESOURCE),
    // https://dnspython.readthedocs.io/en/stable/resolver.html
    call("dns.resolver.query").does(NET),
    call("dns.resolver.resolve").does(NET),
    // https://feedparser.readthedocs.io/en/latest/introduction.html
    call("feedparser.parse").does(Effects::CPU),
    // https://docs.firecrawl.dev/sdks/python
    call("firecrawl.FirecrawlApp").gives(RESOURCE),
    // https://pygithub.readthedocs.io/en/stable/github.html
    call("github.Github").gives(Ret::Inst("github.Github")).acquires(Resource::HttpClient),
    call("github.Github.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("github.Github.get_organization").does(NET).gives(RESOURCE),
    call("github.Github.get_repo").does(NET).gives(RESOURCE),
    call("github.Github.get_user").does(NET).gives(RESOURCE),
    // https://python-gitlab.readthedocs.io/en/stable/api-usage.html
    call("gitlab.Gitlab").gives(RESOURCE),
    // https://googleapis.github.io/python-genai/
    call("google.genai.Client").gives(Ret::Inst("google.genai.Client")),
    // https://ai.google.dev/api/generate-content
    call("google.generativeai.GenerativeModel").gives(Ret::Inst("google.generativeai.GenerativeModel")),
    call("google.generativeai.GenerativeModel.count_tokens").does(NET),
    call("google.generativeai.GenerativeModel.generate_content").does(NET),
    call("google.generativeai.embed_content").does(NET),
    call("google.generativeai.list_models").does(NET),
    // https://python-hvac.org/en/stable/overview.html
    call("hvac.Client").gives(RESOURCE),
    // https://jira.readthedocs.io/api.html
    call("jira.JIRA").does(NET).gives(RESOURCE),
    // https://github.com/kubernetes-client/python
    call("kubernetes.client.AppsV1Api").gives(KUBERNETES),
    call("kubernetes.client.BatchV1Api").gives(KUBERNETES),
    call("kubernetes.client.CoreV1Api").gives(KUBERNETES),
    call("kubernetes.client.CustomObjectsApi").gives(KUBERNETES),
    call("kubernetes.client.NetworkingV1Api").gives(KUBERNETES),
    call("kubernetes.client.RbacAuthorizationV1Api").gives(KUBERNETES),
    // https://ldap3.readthedocs.io/en/latest/connection.html
    call("ldap3.Connection").gives(Ret::Inst("ldap3.Connection")),
    call("ldap3.Connection.bind").does(NET).gives(Ret::Bool),
    call("ldap3.Connection.modify").does(NET).gives(Ret::Bool),
    call("ldap3.Connection.search").does(NET).gives(Ret::Bool),
    // https://www.meilisearch.com/docs/reference/api/overview
    call("meilisearch.Client").gives(RESOURCE),
    // https://github.com/ramnes/notion-sdk-py
    call("notion_client.Client").gives(RESOURCE),
    // https://github.com/ollama/ollama-python
    call("ollama.Client").gives(RESOURCE),
    call("ollama.chat").does(NET),
    call("ollama.embed").does(NET),
    call("ollama.embeddings").does(NET),
    call("ollama.generate").does(NET),
    call("ollama.list").does(NET),
    call("ollama.pull").does(NET),
    // https://docs.pinecone.io/reference/python-sdk
    call("pinecone.Pinecone").gives(Ret::Inst("pinecone.Pinecone")),
    call("pinecone.Pinecone.Index").gives(RESOURCE),
    call("pinecone.Pinecone.create_index").does(NET),
    call("pinecone.Pinecone.delete_index").does(NET),
    call("pinecone.Pinecone.list_indexes").does(NET),
    // https://milvus.io/api-reference/pymilvus/v2.5.x/About.md
    call("pymilvus.MilvusClient").does(NET).gives(RESOURCE),
    // https://replicate.com/docs/reference/client-libraries
    call("replicate.run").does(NET),
    // https://spotipy.readthedocs.io/
    call("spotipy.Spotify").gives(RESOURCE),
    // https://docs.tavily.com/sdk/python/reference
    call("tavily.TavilyClient").gives(RESOURCE),
    // https://docs.voyageai.com/docs/embeddings
    call("voyageai.Client").gives(RESOURCE),
    // https://weaviate.io/developers/weaviate/client-libraries/python
    call("weaviate.connect_to_custom").does(NET).gives(RESOURCE),
    call("weaviate.connect_to_local").does(NET).gives(RESOURCE),
    call("weaviate.connect_to_weaviate_cloud").does(NET).gives(RESOURCE),
    // https://github.com/yt-dlp/yt-dlp#embedding-yt-dlp
    call("yt_dlp.YoutubeDL").gives(Ret::Inst("yt_dlp.YoutubeDL")),
    call("yt_dlp.YoutubeDL.download").does(NET.with(FILE)),
    call("yt_dlp.YoutubeDL.extract_info").does(NET),
];

const CLASSES: &[ClassRow] = &[
    // https://pygithub.readthedocs.io/en/stable/github.html
    class("github.Github")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(NET, false),
    class("github:resource").attrs(&[("*", Ret::Receiver)]).otherwise(NET, false),
    // https://googleapis.github.io/python-genai/
    class("google.genai.Client").attrs(&[("aio", Ret::Unknown), ("files", RESOURCE), ("models", RESOURCE)]),
    // https://ai.google.dev/api/generate-content
    class("google.generativeai.GenerativeModel"),
    // https://github.com/kubernetes-client/python
    class("kubernetes.client:api").otherwise(NET, false),
    // https://ldap3.readthedocs.io/en/latest/connection.html
    class("ldap3.Connection"),
    // https://docs.pinecone.io/reference/python-sdk
    class("pinecone.Pinecone"),
    // https://github.com/yt-dlp/yt-dlp#embedding-yt-dlp
    class("yt_dlp.YoutubeDL").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
];

const ALIASES: &[(&str, &str)] = &[
    ("github.MainClass.Github", "github.Github"),
    ("kubernetes.client.api.core_v1_api.CoreV1Api", "kubernetes.client.CoreV1Api"),
];
