//! boto3 and botocore. Clients are made at run time from a service name: the ones that matter have classes of their own here.

use super::mixes::{NET, SEND_MAIL, STORE};
use crate::libraries::{ClassRow, Effects, Library, Ret, Row, call, class};

/// boto3.
pub const LIBRARY: Library = Library {
    name: "boto3",
    roots: &["boto3", "botocore"],
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
    call("botocore.client.BaseClient.get_waiter"),
    call("botocore.paginate.Paginator.paginate").gives(Ret::Inst("botocore.paginate.PageIterator")),
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
];

const CLASSES: &[ClassRow] = &[
    // https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/session.html
    class("boto3.Session"),
    // https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
    class("botocore.client.BaseClient")
        .otherwise(NET, false)
        .attrs(&[("exceptions", Ret::Unknown), ("meta", Ret::Unknown)]),
    class("botocore.paginate.PageIterator").iterates(Ret::Dict, NET),
    class("botocore.paginate.Paginator"),
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
];

const ALIASES: &[(&str, &str)] = &[("boto3.session.Session", "boto3.Session")];
