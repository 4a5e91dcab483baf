//! Message brokers: Kafka (three clients), RabbitMQ, kombu. Sending is PUBLISH; buffered senders do not hold the thread until `flush`.

use super::mixes::{NET, SEND, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, RunContext, call, class};

/// Message brokers.
pub const LIBRARY: Library = Library {
    name: "Message brokers",
    roots: &["kafka", "aiokafka", "confluent_kafka", "pika", "kombu"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://kafka-python.readthedocs.io/en/master/apidoc/KafkaProducer.html
    call("kafka.KafkaProducer").does(NET).gives(Ret::Inst("kafka.KafkaProducer")).acquires(Resource::Socket),
    call("kafka.KafkaProducer.close").does(NET.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("kafka.KafkaProducer.flush").does(NET.with(Effects::WAITS)).gives(Ret::Nothing),
    call("kafka.KafkaProducer.send").does(Effects::PUBLISH).gives(Ret::Inst("concurrent.futures.Future")),
    // https://kafka-python.readthedocs.io/en/master/apidoc/KafkaConsumer.html
    call("kafka.KafkaConsumer").does(NET).gives(Ret::Inst("kafka.KafkaConsumer")).acquires(Resource::Socket),
    call("kafka.KafkaConsumer.close").does(NET.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("kafka.KafkaConsumer.commit").does(NET).gives(Ret::Nothing),
    call("kafka.KafkaConsumer.poll").does(NET.with(Effects::WAITS)).gives(Ret::Dict),
    call("kafka.KafkaConsumer.subscribe").does(Effects::SUBSCRIBE).gives(Ret::Nothing),
    // https://aiokafka.readthedocs.io/en/stable/api.html
    call("aiokafka.AIOKafkaConsumer").gives(Ret::Inst("aiokafka.AIOKafkaConsumer")),
    call("aiokafka.AIOKafkaConsumer.commit").does(Effects::NETWORK).gives(Ret::Nothing).asynchronous(),
    call("aiokafka.AIOKafkaConsumer.getmany").does(Effects::NETWORK.with(Effects::WAITS)).asynchronous(),
    call("aiokafka.AIOKafkaConsumer.getone").does(Effects::NETWORK.with(Effects::WAITS)).asynchronous(),
    call("aiokafka.AIOKafkaConsumer.start").does(Effects::NETWORK).gives(Ret::Nothing).asynchronous(),
    call("aiokafka.AIOKafkaConsumer.stop")
        .does(Effects::NETWORK.with(Effects::CLOSES))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("aiokafka.AIOKafkaConsumer.subscribe").does(Effects::SUBSCRIBE).gives(Ret::Nothing),
    call("aiokafka.AIOKafkaProducer").gives(Ret::Inst("aiokafka.AIOKafkaProducer")),
    call("aiokafka.AIOKafkaProducer.flush").does(Effects::NETWORK).gives(Ret::Nothing).asynchronous(),
    call("aiokafka.AIOKafkaProducer.send").does(Effects::PUBLISH).asynchronous(),
    call("aiokafka.AIOKafkaProducer.send_and_wait").does(Effects::PUBLISH).asynchronous(),
    call("aiokafka.AIOKafkaProducer.start").does(Effects::NETWORK).gives(Ret::Nothing).asynchronous(),
    call("aiokafka.AIOKafkaProducer.stop")
        .does(Effects::NETWORK.with(Effects::CLOSES))
        .gives(Ret::Nothing)
        .asynchronous(),
    // https://docs.confluent.io/platform/current/clients/confluent-kafka-python/html/index.html
    call("confluent_kafka.Consumer").gives(Ret::Inst("confluent_kafka.Consumer")),
    call("confluent_kafka.Consumer.close").does(NET.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("confluent_kafka.Consumer.commit").does(NET),
    call("confluent_kafka.Consumer.consume").does(NET.with(Effects::WAITS)),
    call("confluent_kafka.Consumer.poll").does(NET.with(Effects::WAITS)),
    call("confluent_kafka.Consumer.subscribe").does(Effects::SUBSCRIBE).gives(Ret::Nothing),
    call("confluent_kafka.Producer").gives(Ret::Inst("confluent_kafka.Producer")),
    call("confluent_kafka.Producer.flush").does(NET.with(Effects::WAITS)).gives(Ret::Number),
    call("confluent_kafka.Producer.poll").does(WAIT).gives(Ret::Number),
    call("confluent_kafka.Producer.produce").does(Effects::PUBLISH).gives(Ret::Nothing),
    // https://pika.readthedocs.io/en/stable/modules/adapters/blocking.html
    call("pika.BlockingConnection").does(NET).gives(Ret::Inst("pika.BlockingConnection")).acquires(Resource::Socket),
    call("pika.BlockingConnection.channel")
        .does(NET)
        .gives(Ret::Inst("pika.adapters.blocking_connection.BlockingChannel")),
    call("pika.BlockingConnection.close").does(NET.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("pika.BlockingConnection.process_data_events").does(NET.with(Effects::WAITS)).gives(Ret::Nothing),
    call("pika.BlockingConnection.sleep").does(NET.with(Effects::WAITS)).gives(Ret::Nothing),
    call("pika.adapters.blocking_connection.BlockingChannel.basic_ack").does(NET),
    call("pika.adapters.blocking_connection.BlockingChannel.basic_consume")
        .does(Effects::SUBSCRIBE.with(Effects::BLOCKS))
        .gives(Ret::Str)
        .handler_named(1, "on_message_callback", RunContext::Job),
    call("pika.adapters.blocking_connection.BlockingChannel.basic_nack").does(NET),
    call("pika.adapters.blocking_connection.BlockingChannel.basic_publish").does(SEND).gives(Ret::Nothing),
    call("pika.adapters.blocking_connection.BlockingChannel.basic_qos").does(NET),
    call("pika.adapters.blocking_connection.BlockingChannel.basic_reject").does(NET),
    call("pika.adapters.blocking_connection.BlockingChannel.close").does(NET.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("pika.adapters.blocking_connection.BlockingChannel.exchange_declare").does(NET),
    call("pika.adapters.blocking_connection.BlockingChannel.queue_bind").does(NET),
    call("pika.adapters.blocking_connection.BlockingChannel.queue_declare").does(NET),
    call("pika.adapters.blocking_connection.BlockingChannel.start_consuming").does(WAIT).gives(Ret::Nothing),
    // https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.html
    call("kombu.Connection").gives(Ret::Inst("kombu.Connection")).acquires(Resource::Socket),
    call("kombu.Connection.Producer").gives(Ret::Inst("kombu.Producer")),
    call("kombu.Connection.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("kombu.Connection.connect").does(NET),
    call("kombu.Connection.drain_events").does(NET.with(Effects::WAITS)),
    call("kombu.Connection.ensure_connection").does(NET),
    call("kombu.Connection.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("kombu.Producer.publish").does(SEND),
];

const CLASSES: &[ClassRow] = &[
    // https://kafka-python.readthedocs.io/en/master/apidoc/KafkaProducer.html
    class("kafka.KafkaProducer"),
    // https://kafka-python.readthedocs.io/en/master/apidoc/KafkaConsumer.html
    class("kafka.KafkaConsumer").iterates(Ret::Unknown, NET.with(Effects::WAITS)),
    // https://aiokafka.readthedocs.io/en/stable/api.html
    class("aiokafka.AIOKafkaConsumer")
        .manages(Ret::Receiver, Effects::NETWORK, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NETWORK.with(Effects::WAITS)),
    class("aiokafka.AIOKafkaProducer").manages(Ret::Receiver, Effects::NETWORK, Exit::Closes),
    // https://docs.confluent.io/platform/current/clients/confluent-kafka-python/html/index.html
    class("confluent_kafka.Consumer"),
    class("confluent_kafka.Producer"),
    // https://pika.readthedocs.io/en/stable/modules/adapters/blocking.html
    class("pika.BlockingConnection").resource(Resource::Socket).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("pika.adapters.blocking_connection.BlockingChannel").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.html
    class("kombu.Connection").resource(Resource::Socket).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("kombu.Producer").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
];

const ALIASES: &[(&str, &str)] = &[
    ("kafka.consumer.KafkaConsumer", "kafka.KafkaConsumer"),
    ("kafka.producer.KafkaProducer", "kafka.KafkaProducer"),
    ("kombu.connection.Connection", "kombu.Connection"),
    ("kombu.messaging.Producer", "kombu.Producer"),
    ("pika.adapters.blocking_connection.BlockingConnection", "pika.BlockingConnection"),
];
