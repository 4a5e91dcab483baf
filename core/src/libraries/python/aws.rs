//! boto3 and botocore. Clients are made at run time from a service name: the ones that matter have classes of their own here.

use super::mixes::{NET, SEND_MAIL, STORE};
use crate::libraries::{ClassRow, Effects, Exit, Library, Ret, Row, call, class};

/// boto3.
pub const LIBRARY: Library = Library {
    name: "boto3",
    roots: &["aioboto3", "aiobotocore", "boto3", "botocore"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/boto3.html
    call("boto3.client").gives(Ret::InstByText {
        arg: 0,
        cases: &[
            ("s3", "boto3:S3.Client"),
            ("ses", "boto3:SES.Client"),
            ("sesv2", "boto3:SES.Client"),
            ("sns", "boto3:SNS.Client"),
            ("sqs", "boto3:SQS.Client"),
        ],
        otherwise: "botocore.client.BaseClient",
    }),
    call("boto3.resource").gives(Ret::InstByText {
        arg: 0,
        cases: &[("s3", "boto3:S3.ServiceResource"), ("sqs", "boto3:SQS.ServiceResource")],
        otherwise: "boto3.resources.base.ServiceResource",
    }),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/session.html
    call("boto3.Session").gives(Ret::Inst("boto3.Session")),
    call("boto3.Session.client").gives(Ret::InstByText {
        arg: 0,
        cases: &[
            ("s3", "boto3:S3.Client"),
            ("ses", "boto3:SES.Client"),
            ("sesv2", "boto3:SES.Client"),
            ("sns", "boto3:SNS.Client"),
            ("sqs", "boto3:SQS.Client"),
        ],
        otherwise: "botocore.client.BaseClient",
    }),
    call("boto3.Session.resource").gives(Ret::InstByText {
        arg: 0,
        cases: &[("s3", "boto3:S3.ServiceResource"), ("sqs", "boto3:SQS.ServiceResource")],
        otherwise: "boto3.resources.base.ServiceResource",
    }),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
    call("botocore.client.BaseClient.can_paginate"),
    call("botocore.client.BaseClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("botocore.client.BaseClient.generate_presigned_post"),
    call("botocore.client.BaseClient.generate_presigned_url"),
    call("botocore.client.BaseClient.get_paginator").gives(Ret::Inst("botocore.paginate.Paginator")),
    call("botocore.client.BaseClient.get_waiter").gives(Ret::Inst("botocore.waiter.Waiter")),
    call("botocore.paginate.Paginator.paginate").gives(Ret::Inst("botocore.paginate.PageIterator")),
    call("botocore.waiter.Waiter.wait").does(NET.with(Effects::WAITS)).gives(Ret::Nothing),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ses.html
    call("boto3:SES.Client.send_bulk_email").does(SEND_MAIL).gives(Ret::Dict),
    call("boto3:SES.Client.send_email").does(SEND_MAIL).gives(Ret::Dict),
    call("boto3:SES.Client.send_raw_email").does(SEND_MAIL).gives(Ret::Dict),
    call("boto3:SES.Client.send_templated_email").does(SEND_MAIL).gives(Ret::Dict),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sns.html
    call("boto3:SNS.Client.publish").does(NET.with(Effects::PUBLISH)).gives(Ret::Dict),
    call("boto3:SNS.Client.publish_batch").does(NET.with(Effects::PUBLISH)).gives(Ret::Dict),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sqs.html
    call("boto3:SQS.Client.receive_message").does(NET.with(Effects::WAITS)).gives(Ret::Dict),
    call("boto3:SQS.Client.send_message").does(NET.with(Effects::PUBLISH)).gives(Ret::Dict),
    call("boto3:SQS.Client.send_message_batch").does(NET.with(Effects::PUBLISH)).gives(Ret::Dict),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/guide/resources.html
    call("boto3.resources.base.ServiceResource.Bucket").gives(Ret::Receiver),
    call("boto3.resources.base.ServiceResource.Instance").gives(Ret::Receiver),
    call("boto3.resources.base.ServiceResource.Object").gives(Ret::Receiver),
    call("boto3.resources.base.ServiceResource.Queue").gives(Ret::Receiver),
    call("boto3.resources.base.ServiceResource.Table").gives(Ret::Receiver),
    call("boto3.resources.base.ServiceResource.Topic").gives(Ret::Receiver),
    // https://aioboto3.readthedocs.io/en/latest/usage.html
    call("aioboto3.Session").gives(Ret::Inst("aioboto3.Session")),
    call("aioboto3.Session.client").gives(Ret::InstByText {
        arg: 0,
        cases: ASYNC_CLIENTS,
        otherwise: "aiobotocore.client.AioBaseClient",
    }),
    call("aioboto3.Session.create_client").gives(Ret::InstByText {
        arg: 0,
        cases: ASYNC_CLIENTS,
        otherwise: "aiobotocore.client.AioBaseClient",
    }),
    call("aioboto3.Session.resource").gives(Ret::InstByText {
        arg: 0,
        cases: ASYNC_CLIENTS,
        otherwise: "aiobotocore.client.AioBaseClient",
    }),
    call("aiobotocore.client.AioBaseClient.close").does(Effects::CLOSES).asynchronous(),
    call("aiobotocore.client.AioBaseClient.generate_presigned_post").asynchronous(),
    call("aiobotocore.client.AioBaseClient.generate_presigned_url").asynchronous(),
    call("aiobotocore.client.AioBaseClient.get_paginator").gives(Ret::Inst("aiobotocore:Paginator")),
    call("aiobotocore:Paginator.paginate").gives(Ret::Inst("aiobotocore:Pages")),
    call("aiobotocore:SQS.Client.send_message").does(Effects::NETWORK.with(Effects::PUBLISH)).asynchronous(),
    call("aiobotocore:SQS.Client.send_message_batch").does(Effects::NETWORK.with(Effects::PUBLISH)).asynchronous(),
];

/// Clients of services whose calls mean more than a request.
const ASYNC_CLIENTS: &[(&str, &str)] = &[("s3", "aiobotocore:S3.Client"), ("sqs", "aiobotocore:SQS.Client")];

const CLASSES: &[ClassRow] = &[
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/session.html
    class("boto3.Session"),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
    class("botocore.client.BaseClient")
        .otherwise(NET, false)
        .attrs(&[("exceptions", Ret::Unknown), ("meta", Ret::Unknown)]),
    class("botocore.paginate.PageIterator").iterates(Ret::Dict, NET),
    class("botocore.paginate.Paginator"),
    class("botocore.waiter.Waiter"),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3.html
    class("boto3:S3.Client").extends(&["botocore.client.BaseClient"]).otherwise(STORE, false),
    class("boto3:S3.ServiceResource").extends(&["boto3.resources.base.ServiceResource"]).otherwise(STORE, false),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ses.html
    class("boto3:SES.Client").extends(&["botocore.client.BaseClient"]).otherwise(NET, false),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sns.html
    class("boto3:SNS.Client").extends(&["botocore.client.BaseClient"]).otherwise(NET, false),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sqs.html
    class("boto3:SQS.Client").extends(&["botocore.client.BaseClient"]).otherwise(NET, false),
    class("boto3:SQS.ServiceResource").extends(&["boto3.resources.base.ServiceResource"]).otherwise(NET, false),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/guide/resources.html
    class("boto3.resources.base.ServiceResource")
        .otherwise(NET, false)
        .attrs(&[("*", Ret::Receiver), ("meta", Ret::Unknown)]),
    // https://aioboto3.readthedocs.io/en/latest/usage.html
    class("aioboto3.Session"),
    class("aiobotocore.client.AioBaseClient")
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(Effects::NETWORK, true),
    class("aiobotocore:Pages").iterates(Ret::Dict, Effects::NETWORK),
    class("aiobotocore:Paginator"),
    class("aiobotocore:S3.Client")
        .extends(&["aiobotocore.client.AioBaseClient"])
        .otherwise(Effects::NETWORK.with(Effects::STORAGE), true),
    class("aiobotocore:SQS.Client").extends(&["aiobotocore.client.AioBaseClient"]).otherwise(Effects::NETWORK, true),
];

const ALIASES: &[(&str, &str)] = &[
    ("aioboto3.session.Session", "aioboto3.Session"),
    ("aiobotocore.session.AioSession", "aioboto3.Session"),
    ("aiobotocore.session.get_session", "aioboto3.Session"),
    ("boto3.session.Session", "boto3.Session"),
];
