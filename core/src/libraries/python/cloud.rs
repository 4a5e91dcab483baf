//! Google Cloud and Azure: storage, queues, the clients in common use.

use super::mixes::{NET, STORE};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, RunContext, call, class};

/// Cloud SDKs.
pub const LIBRARY: Library = Library {
    name: "Cloud SDKs",
    roots: &["google.cloud", "azure"],
    rows: ROWS,
    classes: CLASSES,
    aliases: &[],
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.cloud.google.com/python/docs/reference/storage/latest
    call("google.cloud.storage.Blob.delete").does(STORE),
    call("google.cloud.storage.Blob.download_as_bytes").does(STORE).gives(Ret::Bytes),
    call("google.cloud.storage.Blob.download_as_string").does(STORE).gives(Ret::Bytes),
    call("google.cloud.storage.Blob.download_as_text").does(STORE).gives(Ret::Str),
    call("google.cloud.storage.Blob.download_to_file").does(STORE),
    call("google.cloud.storage.Blob.download_to_filename").does(STORE),
    call("google.cloud.storage.Blob.exists").does(STORE),
    call("google.cloud.storage.Blob.generate_signed_url").gives(Ret::Str),
    call("google.cloud.storage.Blob.make_public").does(STORE),
    call("google.cloud.storage.Blob.open").does(STORE).gives(Ret::Inst("io.TextIOWrapper")).acquires(Resource::File),
    call("google.cloud.storage.Blob.patch").does(STORE),
    call("google.cloud.storage.Blob.reload").does(STORE),
    call("google.cloud.storage.Blob.rewrite").does(STORE),
    call("google.cloud.storage.Blob.update").does(STORE),
    call("google.cloud.storage.Blob.upload_from_file").does(STORE),
    call("google.cloud.storage.Blob.upload_from_filename").does(STORE),
    call("google.cloud.storage.Blob.upload_from_string").does(STORE),
    call("google.cloud.storage.Bucket.blob").gives(Ret::Inst("google.cloud.storage.Blob")),
    call("google.cloud.storage.Bucket.copy_blob").does(STORE).gives(Ret::Inst("google.cloud.storage.Blob")),
    call("google.cloud.storage.Bucket.create").does(STORE),
    call("google.cloud.storage.Bucket.delete").does(STORE),
    call("google.cloud.storage.Bucket.delete_blob").does(STORE),
    call("google.cloud.storage.Bucket.delete_blobs").does(STORE),
    call("google.cloud.storage.Bucket.exists").does(STORE),
    call("google.cloud.storage.Bucket.get_blob").does(STORE).gives(Ret::Inst("google.cloud.storage.Blob")),
    call("google.cloud.storage.Bucket.list_blobs").does(STORE),
    call("google.cloud.storage.Bucket.patch").does(STORE),
    call("google.cloud.storage.Bucket.reload").does(STORE),
    call("google.cloud.storage.Bucket.rename_blob").does(STORE).gives(Ret::Inst("google.cloud.storage.Blob")),
    call("google.cloud.storage.Bucket.update").does(STORE),
    call("google.cloud.storage.Client").gives(Ret::Inst("google.cloud.storage.Client")).acquires(Resource::HttpClient),
    call("google.cloud.storage.Client.bucket").gives(Ret::Inst("google.cloud.storage.Bucket")),
    call("google.cloud.storage.Client.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("google.cloud.storage.Client.create_bucket").does(STORE).gives(Ret::Inst("google.cloud.storage.Bucket")),
    call("google.cloud.storage.Client.download_blob_to_file").does(STORE),
    call("google.cloud.storage.Client.get_bucket").does(STORE).gives(Ret::Inst("google.cloud.storage.Bucket")),
    call("google.cloud.storage.Client.list_blobs").does(STORE),
    call("google.cloud.storage.Client.list_buckets").does(STORE),
    call("google.cloud.storage.Client.lookup_bucket").does(STORE).gives(Ret::Inst("google.cloud.storage.Bucket")),
    // https://docs.cloud.google.com/python/docs/reference/bigquery/latest
    call("google.cloud.bigquery.Client")
        .gives(Ret::Inst("google.cloud.bigquery.Client"))
        .acquires(Resource::HttpClient),
    call("google.cloud.bigquery.Client.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("google.cloud.bigquery.Client.query").gives(Ret::Inst("google.cloud.bigquery.QueryJob")),
    call("google.cloud.bigquery.QueryJob.result").does(NET.with(Effects::WAITS)),
    call("google.cloud.bigquery.QueryJob.to_dataframe").does(NET.with(Effects::WAITS)),
    // https://docs.cloud.google.com/python/docs/reference/pubsub/latest
    call("google.cloud.pubsub_v1.PublisherClient").gives(Ret::Inst("google.cloud.pubsub_v1.PublisherClient")),
    call("google.cloud.pubsub_v1.PublisherClient.publish")
        .does(Effects::PUBLISH)
        .gives(Ret::Inst("concurrent.futures.Future")),
    call("google.cloud.pubsub_v1.PublisherClient.topic_path").gives(Ret::Str),
    call("google.cloud.pubsub_v1.SubscriberClient")
        .gives(Ret::Inst("google.cloud.pubsub_v1.SubscriberClient"))
        .acquires(Resource::HttpClient),
    call("google.cloud.pubsub_v1.SubscriberClient.acknowledge").does(NET),
    call("google.cloud.pubsub_v1.SubscriberClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("google.cloud.pubsub_v1.SubscriberClient.pull").does(NET.with(Effects::WAITS)),
    call("google.cloud.pubsub_v1.SubscriberClient.subscribe").does(Effects::SUBSCRIBE).handler_named(
        1,
        "callback",
        RunContext::Job,
    ),
    // https://learn.microsoft.com/en-us/python/api/azure-storage-blob/azure.storage.blob
    call("azure.storage.blob.BlobClient")
        .gives(Ret::Inst("azure.storage.blob.BlobClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.BlobClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("azure.storage.blob.BlobClient.from_blob_url")
        .gives(Ret::Inst("azure.storage.blob.BlobClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.BlobClient.from_connection_string")
        .gives(Ret::Inst("azure.storage.blob.BlobClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.BlobServiceClient")
        .gives(Ret::Inst("azure.storage.blob.BlobServiceClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.BlobServiceClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("azure.storage.blob.BlobServiceClient.from_connection_string")
        .gives(Ret::Inst("azure.storage.blob.BlobServiceClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.BlobServiceClient.get_blob_client").gives(Ret::Inst("azure.storage.blob.BlobClient")),
    call("azure.storage.blob.BlobServiceClient.get_container_client")
        .gives(Ret::Inst("azure.storage.blob.ContainerClient")),
    call("azure.storage.blob.ContainerClient")
        .gives(Ret::Inst("azure.storage.blob.ContainerClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.ContainerClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("azure.storage.blob.ContainerClient.from_connection_string")
        .gives(Ret::Inst("azure.storage.blob.ContainerClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.ContainerClient.from_container_url")
        .gives(Ret::Inst("azure.storage.blob.ContainerClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.ContainerClient.get_blob_client").gives(Ret::Inst("azure.storage.blob.BlobClient")),
    // https://learn.microsoft.com/en-us/python/api/azure-storage-blob/azure.storage.blob.aio
    call("azure.storage.blob.aio.BlobClient")
        .gives(Ret::Inst("azure.storage.blob.aio.BlobClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.aio.BlobClient.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("azure.storage.blob.aio.BlobServiceClient")
        .gives(Ret::Inst("azure.storage.blob.aio.BlobServiceClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.aio.BlobServiceClient.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("azure.storage.blob.aio.BlobServiceClient.from_connection_string")
        .gives(Ret::Inst("azure.storage.blob.aio.BlobServiceClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.aio.BlobServiceClient.get_blob_client")
        .gives(Ret::Inst("azure.storage.blob.aio.BlobClient")),
    call("azure.storage.blob.aio.BlobServiceClient.get_container_client")
        .gives(Ret::Inst("azure.storage.blob.aio.ContainerClient")),
    call("azure.storage.blob.aio.ContainerClient")
        .gives(Ret::Inst("azure.storage.blob.aio.ContainerClient"))
        .acquires(Resource::HttpClient),
    call("azure.storage.blob.aio.ContainerClient.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("azure.storage.blob.aio.ContainerClient.get_blob_client")
        .gives(Ret::Inst("azure.storage.blob.aio.BlobClient")),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.cloud.google.com/python/docs/reference/storage/latest
    class("google.cloud.storage.Blob"),
    class("google.cloud.storage.Bucket"),
    class("google.cloud.storage.Client"),
    // https://docs.cloud.google.com/python/docs/reference/bigquery/latest
    class("google.cloud.bigquery.Client").manages(Ret::Receiver, Effects::NONE, Exit::Closes).otherwise(NET, false),
    class("google.cloud.bigquery.QueryJob"),
    // https://docs.cloud.google.com/python/docs/reference/pubsub/latest
    class("google.cloud.pubsub_v1.PublisherClient"),
    class("google.cloud.pubsub_v1.SubscriberClient").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://learn.microsoft.com/en-us/python/api/azure-storage-blob/azure.storage.blob
    class("azure.storage.blob.BlobClient")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(STORE, false),
    class("azure.storage.blob.BlobServiceClient")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(STORE, false),
    class("azure.storage.blob.ContainerClient")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(STORE, false),
    // https://learn.microsoft.com/en-us/python/api/azure-storage-blob/azure.storage.blob.aio
    class("azure.storage.blob.aio.BlobClient")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(Effects::NETWORK.with(Effects::STORAGE), true),
    class("azure.storage.blob.aio.BlobServiceClient")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(Effects::NETWORK.with(Effects::STORAGE), true),
    class("azure.storage.blob.aio.ContainerClient")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(Effects::NETWORK.with(Effects::STORAGE), true),
];
