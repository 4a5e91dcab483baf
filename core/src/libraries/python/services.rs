//! Clients of foreign services. Where every public method calls out, the class row says so once.

use super::mixes::{CACHED, NET, SEND_MAIL, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// Service SDKs.
pub const LIBRARY: Library = Library {
    name: "Service SDKs",
    roots: &[
        "openai",
        "anthropic",
        "exa_py",
        "stripe",
        "sendgrid",
        "slack_sdk",
        "twilio",
        "docker",
        "paramiko",
        "grpc",
        "elasticsearch",
        "opensearchpy",
        "litellm",
        "groq",
        "flask_mail",
        "fastapi_mail",
        "pymemcache",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://github.com/openai/openai-python#usage
    call("openai.AzureOpenAI").gives(Ret::Inst("openai.AzureOpenAI")).acquires(Resource::HttpClient),
    call("openai.OpenAI").gives(Ret::Inst("openai.OpenAI")).acquires(Resource::HttpClient),
    call("openai.OpenAI.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("openai.OpenAI.copy").gives(Ret::Receiver),
    call("openai.OpenAI.with_options").gives(Ret::Receiver),
    // https://github.com/openai/openai-python#async-usage
    call("openai.AsyncAzureOpenAI").gives(Ret::Inst("openai.AsyncAzureOpenAI")).acquires(Resource::HttpClient),
    call("openai.AsyncOpenAI").gives(Ret::Inst("openai.AsyncOpenAI")).acquires(Resource::HttpClient),
    call("openai.AsyncOpenAI.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("openai.AsyncOpenAI.copy").gives(Ret::Receiver),
    call("openai.AsyncOpenAI.with_options").gives(Ret::Receiver),
    // https://github.com/anthropics/anthropic-sdk-python#usage
    call("anthropic.Anthropic").gives(Ret::Inst("anthropic.Anthropic")).acquires(Resource::HttpClient),
    call("anthropic.Anthropic.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("anthropic.Anthropic.copy").gives(Ret::Receiver),
    call("anthropic.Anthropic.with_options").gives(Ret::Receiver),
    call("anthropic.AnthropicBedrock").gives(Ret::Inst("anthropic.AnthropicBedrock")).acquires(Resource::HttpClient),
    call("anthropic.AnthropicVertex").gives(Ret::Inst("anthropic.AnthropicVertex")).acquires(Resource::HttpClient),
    call("anthropic.AsyncAnthropic").gives(Ret::Inst("anthropic.AsyncAnthropic")).acquires(Resource::HttpClient),
    call("anthropic.AsyncAnthropic.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("anthropic.AsyncAnthropic.copy").gives(Ret::Receiver),
    call("anthropic.AsyncAnthropic.with_options").gives(Ret::Receiver),
    call("anthropic.AsyncAnthropicBedrock")
        .gives(Ret::Inst("anthropic.AsyncAnthropicBedrock"))
        .acquires(Resource::HttpClient),
    call("anthropic.AsyncAnthropicVertex")
        .gives(Ret::Inst("anthropic.AsyncAnthropicVertex"))
        .acquires(Resource::HttpClient),
    call("anthropic:async_resource.stream").gives(Ret::Inst("anthropic:async_stream")),
    // https://docs.exa.ai/sdks/python-sdk-specification
    call("exa_py.AsyncExa").gives(Ret::Inst("exa_py.AsyncExa")),
    call("exa_py.Exa").gives(Ret::Inst("exa_py.Exa")),
    // https://docs.stripe.com/api?lang=python
    call("stripe.StripeClient").gives(Ret::Inst("stripe.StripeClient")),
    call("stripe.Webhook.construct_event"),
    // https://github.com/sendgrid/sendgrid-python#quick-start
    call("sendgrid.SendGridAPIClient").gives(Ret::Inst("sendgrid.SendGridAPIClient")),
    call("sendgrid.SendGridAPIClient.send").does(SEND_MAIL),
    // https://docs.slack.dev/tools/python-slack-sdk/web/
    call("slack_sdk.WebClient").gives(Ret::Inst("slack_sdk.WebClient")),
    call("slack_sdk.web.async_client.AsyncWebClient").gives(Ret::Inst("slack_sdk.web.async_client.AsyncWebClient")),
    call("slack_sdk.webhook.WebhookClient").gives(Ret::Inst("slack_sdk.webhook.WebhookClient")),
    call("slack_sdk.webhook.WebhookClient.send").does(NET),
    call("slack_sdk.webhook.WebhookClient.send_dict").does(NET),
    // https://www.twilio.com/docs/libraries/python
    call("twilio.rest.Client").gives(Ret::Inst("twilio.rest.Client")),
    // https://docker-py.readthedocs.io/en/stable/client.html
    call("docker.DockerClient").gives(Ret::Inst("docker.DockerClient")).acquires(Resource::HttpClient),
    call("docker.DockerClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("docker.DockerClient.df").does(NET),
    call("docker.DockerClient.events").does(NET),
    call("docker.DockerClient.from_env").gives(Ret::Inst("docker.DockerClient")).acquires(Resource::HttpClient),
    call("docker.DockerClient.info").does(NET),
    call("docker.DockerClient.login").does(NET),
    call("docker.DockerClient.ping").does(NET),
    call("docker.DockerClient.version").does(NET),
    call("docker.from_env").gives(Ret::Inst("docker.DockerClient")).acquires(Resource::HttpClient),
    // https://docs.paramiko.org/en/stable/api/client.html
    call("paramiko.SFTPClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("paramiko.SFTPClient.from_transport")
        .does(NET)
        .gives(Ret::Inst("paramiko.SFTPClient"))
        .acquires(Resource::Socket),
    call("paramiko.SSHClient").gives(Ret::Inst("paramiko.SSHClient")).acquires(Resource::Socket),
    call("paramiko.SSHClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("paramiko.SSHClient.connect").does(NET),
    call("paramiko.SSHClient.exec_command").does(NET),
    call("paramiko.SSHClient.invoke_shell").does(NET),
    call("paramiko.SSHClient.load_system_host_keys").gives(Ret::Nothing),
    call("paramiko.SSHClient.open_sftp").does(NET).gives(Ret::Inst("paramiko.SFTPClient")).acquires(Resource::Socket),
    call("paramiko.SSHClient.set_missing_host_key_policy").gives(Ret::Nothing),
    // https://grpc.github.io/grpc/python/grpc.html
    call("grpc.Channel.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("grpc.Channel.stream_stream").gives(Ret::Inst("grpc:callable")),
    call("grpc.Channel.stream_unary").gives(Ret::Inst("grpc:callable")),
    call("grpc.Channel.unary_stream").gives(Ret::Inst("grpc:callable")),
    call("grpc.Channel.unary_unary").gives(Ret::Inst("grpc:callable")),
    call("grpc.Server.wait_for_termination").does(WAIT),
    call("grpc.insecure_channel").gives(Ret::Inst("grpc.Channel")).acquires(Resource::HttpClient),
    call("grpc.secure_channel").gives(Ret::Inst("grpc.Channel")).acquires(Resource::HttpClient),
    call("grpc.server").gives(Ret::Inst("grpc.Server")),
    call("grpc:callable.__call__").does(NET),
    // https://grpc.github.io/grpc/python/grpc_asyncio.html
    call("grpc.aio.Channel.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("grpc.aio.Channel.stream_stream").gives(Ret::Inst("grpc.aio:callable")),
    call("grpc.aio.Channel.stream_unary").gives(Ret::Inst("grpc.aio:callable")),
    call("grpc.aio.Channel.unary_stream").gives(Ret::Inst("grpc.aio:callable")),
    call("grpc.aio.Channel.unary_unary").gives(Ret::Inst("grpc.aio:callable")),
    call("grpc.aio.insecure_channel").gives(Ret::Inst("grpc.aio.Channel")).acquires(Resource::HttpClient),
    call("grpc.aio.secure_channel").gives(Ret::Inst("grpc.aio.Channel")).acquires(Resource::HttpClient),
    call("grpc.aio:callable.__call__").does(Effects::NETWORK).asynchronous(),
    // https://elasticsearch-py.readthedocs.io/en/stable/api/elasticsearch.html
    call("elasticsearch.Elasticsearch").gives(Ret::Inst("elasticsearch.Elasticsearch")).acquires(Resource::HttpClient),
    call("elasticsearch.Elasticsearch.bulk").does(NET.with(Effects::BULK)).gives(Ret::Dict),
    call("elasticsearch.Elasticsearch.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("elasticsearch.Elasticsearch.options").gives(Ret::Receiver),
    call("elasticsearch.helpers.bulk").does(NET.with(Effects::BULK)).consumes(1),
    call("elasticsearch.helpers.parallel_bulk").gives(Ret::Inst("elasticsearch.helpers:results")),
    call("elasticsearch.helpers.scan").gives(Ret::Inst("elasticsearch.helpers:results")),
    call("elasticsearch.helpers.streaming_bulk").gives(Ret::Inst("elasticsearch.helpers:results")),
    // https://elasticsearch-py.readthedocs.io/en/stable/async.html
    call("elasticsearch.AsyncElasticsearch")
        .gives(Ret::Inst("elasticsearch.AsyncElasticsearch"))
        .acquires(Resource::HttpClient),
    call("elasticsearch.AsyncElasticsearch.bulk")
        .does(Effects::NETWORK.with(Effects::BULK))
        .gives(Ret::Dict)
        .asynchronous(),
    call("elasticsearch.AsyncElasticsearch.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("elasticsearch.AsyncElasticsearch.options").gives(Ret::Receiver),
    call("elasticsearch.helpers.async_bulk").does(Effects::NETWORK.with(Effects::BULK)).asynchronous(),
    call("elasticsearch.helpers.async_scan").gives(Ret::Inst("elasticsearch.helpers:async_results")),
    // https://docs.litellm.ai/docs/completion/input
    call("litellm.acompletion").does(Effects::NETWORK).asynchronous(),
    call("litellm.aembedding").does(Effects::NETWORK).asynchronous(),
    call("litellm.completion").does(NET),
    call("litellm.embedding").does(NET),
    // https://flask-mail.readthedocs.io/en/latest/
    call("flask_mail.Mail").gives(Ret::Inst("flask_mail.Mail")),
    call("flask_mail.Mail.send").does(SEND_MAIL),
    // https://sabuhish.github.io/fastapi-mail/getting-started/
    call("fastapi_mail.FastMail").gives(Ret::Inst("fastapi_mail.FastMail")),
    call("fastapi_mail.FastMail.send_message").does(Effects::NETWORK.with(Effects::MAIL)).asynchronous(),
    // https://pymemcache.readthedocs.io/en/latest/getting_started.html
    call("pymemcache.client.base.Client")
        .gives(Ret::Inst("pymemcache.client.base.Client"))
        .acquires(Resource::CacheClient),
    call("pymemcache.client.base.Client.close").does(Effects::CLOSES),
];

const CLASSES: &[ClassRow] = &[
    // https://github.com/openai/openai-python#usage
    class("openai.AzureOpenAI").extends(&["openai.OpenAI"]),
    class("openai.OpenAI")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("*", Ret::Inst("openai:resource")), ("api_key", Ret::Str)]),
    class("openai:resource").attrs(&[("*", Ret::Receiver)]).otherwise(NET, false),
    // https://github.com/openai/openai-python#async-usage
    class("openai.AsyncAzureOpenAI").extends(&["openai.AsyncOpenAI"]),
    class("openai.AsyncOpenAI")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("*", Ret::Inst("openai:async_resource")), ("api_key", Ret::Str)]),
    class("openai:async_resource").attrs(&[("*", Ret::Receiver)]).otherwise(Effects::NETWORK, true),
    // https://github.com/anthropics/anthropic-sdk-python#usage
    class("anthropic.Anthropic")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("*", Ret::Inst("anthropic:resource")), ("api_key", Ret::Str)]),
    class("anthropic.AnthropicBedrock").extends(&["anthropic.Anthropic"]),
    class("anthropic.AnthropicVertex").extends(&["anthropic.Anthropic"]),
    class("anthropic.AsyncAnthropic")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("*", Ret::Inst("anthropic:async_resource")), ("api_key", Ret::Str)]),
    class("anthropic.AsyncAnthropicBedrock").extends(&["anthropic.AsyncAnthropic"]),
    class("anthropic.AsyncAnthropicVertex").extends(&["anthropic.AsyncAnthropic"]),
    class("anthropic:async_resource").attrs(&[("*", Ret::Receiver)]).otherwise(Effects::NETWORK, true),
    class("anthropic:async_stream")
        .resource(Resource::HttpResponse)
        .manages(Ret::Receiver, Effects::NETWORK, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NETWORK),
    class("anthropic:resource").attrs(&[("*", Ret::Receiver)]).otherwise(NET, false),
    // https://docs.exa.ai/sdks/python-sdk-specification
    class("exa_py.AsyncExa").otherwise(Effects::NETWORK, true),
    class("exa_py.Exa").otherwise(NET, false).attrs(&[("*", Ret::Inst("exa_py:resource"))]),
    class("exa_py:resource").attrs(&[("*", Ret::Receiver)]).otherwise(NET, false),
    // https://docs.stripe.com/api?lang=python
    class("stripe.Account").extends(&["stripe:resource"]),
    class("stripe.Balance").extends(&["stripe:resource"]),
    class("stripe.BalanceTransaction").extends(&["stripe:resource"]),
    class("stripe.Charge").extends(&["stripe:resource"]),
    class("stripe.Coupon").extends(&["stripe:resource"]),
    class("stripe.Customer").extends(&["stripe:resource"]),
    class("stripe.Event").extends(&["stripe:resource"]),
    class("stripe.Invoice").extends(&["stripe:resource"]),
    class("stripe.InvoiceItem").extends(&["stripe:resource"]),
    class("stripe.PaymentIntent").extends(&["stripe:resource"]),
    class("stripe.PaymentMethod").extends(&["stripe:resource"]),
    class("stripe.Payout").extends(&["stripe:resource"]),
    class("stripe.Price").extends(&["stripe:resource"]),
    class("stripe.Product").extends(&["stripe:resource"]),
    class("stripe.PromotionCode").extends(&["stripe:resource"]),
    class("stripe.Refund").extends(&["stripe:resource"]),
    class("stripe.SetupIntent").extends(&["stripe:resource"]),
    class("stripe.StripeClient").attrs(&[("*", Ret::Inst("stripe:service"))]),
    class("stripe.Subscription").extends(&["stripe:resource"]),
    class("stripe.Transfer").extends(&["stripe:resource"]),
    class("stripe.WebhookEndpoint").extends(&["stripe:resource"]),
    class("stripe.billing_portal.Session").extends(&["stripe:resource"]),
    class("stripe.checkout.Session").extends(&["stripe:resource"]),
    class("stripe:resource").otherwise(NET, false),
    class("stripe:service").attrs(&[("*", Ret::Receiver)]).otherwise(NET, false),
    // https://github.com/sendgrid/sendgrid-python#quick-start
    class("sendgrid.SendGridAPIClient").attrs(&[("client", Ret::Inst("sendgrid:client"))]),
    class("sendgrid:client").attrs(&[("*", Ret::Receiver)]).otherwise(NET, false),
    // https://docs.slack.dev/tools/python-slack-sdk/web/
    class("slack_sdk.WebClient").otherwise(NET, false),
    class("slack_sdk.web.async_client.AsyncWebClient").otherwise(Effects::NETWORK, true),
    class("slack_sdk.webhook.WebhookClient"),
    // https://www.twilio.com/docs/libraries/python
    class("twilio.rest.Client").attrs(&[("*", Ret::Inst("twilio:resource"))]),
    class("twilio:resource").attrs(&[("*", Ret::Receiver)]).otherwise(NET, false),
    // https://docker-py.readthedocs.io/en/stable/client.html
    class("docker.DockerClient").resource(Resource::HttpClient).attrs(&[("*", Ret::Inst("docker:collection"))]),
    class("docker:collection").attrs(&[("*", Ret::Receiver)]).otherwise(NET, false),
    // https://docs.paramiko.org/en/stable/api/client.html
    class("paramiko.SFTPClient")
        .resource(Resource::Socket)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(NET, false),
    class("paramiko.SSHClient").resource(Resource::Socket).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://grpc.github.io/grpc/python/grpc.html
    class("grpc.Channel").resource(Resource::HttpClient).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("grpc.Server"),
    class("grpc:callable"),
    class("grpc:stub").otherwise(NET, false),
    // https://grpc.github.io/grpc/python/grpc_asyncio.html
    class("grpc.aio.Channel").resource(Resource::HttpClient).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("grpc.aio:callable"),
    class("grpc.aio:stub").otherwise(Effects::NETWORK, true),
    // https://elasticsearch-py.readthedocs.io/en/stable/api/elasticsearch.html
    class("elasticsearch.Elasticsearch")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(NET, false)
        .attrs(&[("*", Ret::Inst("elasticsearch:namespace"))]),
    class("elasticsearch.helpers:results").iterates(Ret::Unknown, NET),
    class("elasticsearch:namespace").otherwise(NET, false),
    // https://elasticsearch-py.readthedocs.io/en/stable/async.html
    class("elasticsearch.AsyncElasticsearch")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(Effects::NETWORK, true)
        .attrs(&[("*", Ret::Inst("elasticsearch:async_namespace"))]),
    class("elasticsearch.helpers:async_results").iterates(Ret::Unknown, Effects::NETWORK),
    class("elasticsearch:async_namespace").otherwise(Effects::NETWORK, true),
    // https://flask-mail.readthedocs.io/en/latest/
    class("flask_mail.Mail"),
    // https://sabuhish.github.io/fastapi-mail/getting-started/
    class("fastapi_mail.FastMail"),
    // https://pymemcache.readthedocs.io/en/latest/getting_started.html
    class("pymemcache.client.base.Client")
        .resource(Resource::CacheClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(CACHED, false),
];

const ALIASES: &[(&str, &str)] = &[
    // https://console.groq.com/docs/libraries: the clients have the shape of OpenAI's.
    ("groq.AsyncGroq", "openai.AsyncOpenAI"),
    ("groq.Groq", "openai.OpenAI"),
    // https://opensearch-project.github.io/opensearch-py/: a fork of Elasticsearch's client.
    ("opensearchpy.AsyncOpenSearch", "elasticsearch.AsyncElasticsearch"),
    ("opensearchpy.OpenSearch", "elasticsearch.Elasticsearch"),
    ("opensearchpy.helpers", "elasticsearch.helpers"),
    ("pymemcache.Client", "pymemcache.client.base.Client"),
    ("pymemcache.PooledClient", "pymemcache.client.base.Client"),
    ("docker.client", "docker"),
    ("exa_py.api", "exa_py"),
    ("openai.lib.azure", "openai"),
    ("paramiko.client.SSHClient", "paramiko.SSHClient"),
    ("paramiko.sftp_client.SFTPClient", "paramiko.SFTPClient"),
    ("sendgrid.sendgrid", "sendgrid"),
    ("slack_sdk.web.WebClient", "slack_sdk.WebClient"),
    ("slack_sdk.web.client.WebClient", "slack_sdk.WebClient"),
];
