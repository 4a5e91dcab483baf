//! Message brokers: Kafka (three clients), RabbitMQ, kombu. Sending is PUBLISH; buffered senders do not hold the thread until `flush`.

use super::mixes::{NET, SEND, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, RunContext, call, class};

/// Message brokers.
pub const LIBRARY: Library = Library {
    name: "Message brokers",
    roots: &[
        "aio_pika",
        "aiokafka",
        "confluent_kafka",
        "kafka",
        "kombu",
        "nats.NATS",
        "nats.aio",
        "nats.connect",
        "nats.js",
        "paho",
        "pika",
    ],
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
    call("kafka.KafkaConsumer.commit_async").does(Effects::NETWORK.with(Effects::BLOCKS)),
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
    // https://docs.aio-pika.com/apidoc.html
    call("aio_pika.Channel.close").does(Effects::CLOSES).asynchronous(),
    call("aio_pika.Channel.declare_exchange")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("aio_pika.Exchange"))
        .asynchronous(),
    call("aio_pika.Channel.declare_queue").does(Effects::NETWORK).gives(Ret::Inst("aio_pika.Queue")).asynchronous(),
    call("aio_pika.Channel.get_exchange").does(Effects::NETWORK).gives(Ret::Inst("aio_pika.Exchange")).asynchronous(),
    call("aio_pika.Channel.get_queue").does(Effects::NETWORK).gives(Ret::Inst("aio_pika.Queue")).asynchronous(),
    call("aio_pika.Channel.set_qos").does(Effects::NETWORK).asynchronous(),
    call("aio_pika.Connection.channel").gives(Ret::Inst("aio_pika.Channel")),
    call("aio_pika.Connection.close").does(Effects::CLOSES).asynchronous(),
    call("aio_pika.Exchange.publish").does(Effects::PUBLISH).asynchronous(),
    call("aio_pika.IncomingMessage.ack").does(Effects::NETWORK).asynchronous(),
    call("aio_pika.IncomingMessage.nack").does(Effects::NETWORK).asynchronous(),
    call("aio_pika.IncomingMessage.process").gives(Ret::Inst("aio_pika:process")),
    call("aio_pika.IncomingMessage.reject").does(Effects::NETWORK).asynchronous(),
    call("aio_pika.Queue.bind").does(Effects::NETWORK).asynchronous(),
    call("aio_pika.Queue.consume")
        .does(Effects::SUBSCRIBE)
        .handler_named(0, "callback", RunContext::Job)
        .asynchronous(),
    call("aio_pika.Queue.get").does(Effects::NETWORK).gives(Ret::Inst("aio_pika.IncomingMessage")).asynchronous(),
    call("aio_pika.Queue.iterator").does(Effects::SUBSCRIBE).gives(Ret::Inst("aio_pika:iterator")),
    call("aio_pika.connect")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("aio_pika.Connection"))
        .acquires(Resource::Socket)
        .asynchronous(),
    call("aio_pika.connect_robust")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("aio_pika.Connection"))
        .acquires(Resource::Socket)
        .asynchronous(),
    // https://nats-io.github.io/nats.py/modules.html
    call("nats.aio.client.Client").gives(Ret::Inst("nats.aio.client.Client")),
    call("nats.aio.client.Client.close").does(Effects::CLOSES).asynchronous(),
    call("nats.aio.client.Client.connect").does(Effects::NETWORK).asynchronous(),
    call("nats.aio.client.Client.drain").does(Effects::CLOSES).asynchronous(),
    call("nats.aio.client.Client.flush").does(Effects::NETWORK).asynchronous(),
    call("nats.aio.client.Client.jetstream").gives(Ret::Inst("nats.js.client.JetStreamContext")),
    call("nats.aio.client.Client.publish").does(Effects::PUBLISH).asynchronous(),
    call("nats.aio.client.Client.request").does(Effects::NETWORK).asynchronous(),
    call("nats.aio.client.Client.subscribe")
        .does(Effects::SUBSCRIBE)
        .gives(Ret::Inst("nats.aio.subscription.Subscription"))
        .handler_named(2, "cb", RunContext::Job)
        .asynchronous(),
    call("nats.aio.subscription.Subscription.next_msg").does(Effects::WAITS).asynchronous(),
    call("nats.aio.subscription.Subscription.unsubscribe").does(Effects::CLOSES).asynchronous(),
    call("nats.connect")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("nats.aio.client.Client"))
        .acquires(Resource::Socket)
        .asynchronous(),
    call("nats.js.client.JetStreamContext.publish").does(Effects::PUBLISH).asynchronous(),
    call("nats.js.client.JetStreamContext.pull_subscribe").does(Effects::SUBSCRIBE).asynchronous(),
    call("nats.js.client.JetStreamContext.subscribe")
        .does(Effects::SUBSCRIBE)
        .handler_named(2, "cb", RunContext::Job)
        .asynchronous(),
    // https://eclipse.dev/paho/files/paho.mqtt.python/html/client.html
    call("paho.mqtt.client.Client").gives(Ret::Inst("paho.mqtt.client.Client")),
    call("paho.mqtt.client.Client.connect").does(NET),
    call("paho.mqtt.client.Client.disconnect").does(Effects::CLOSES),
    call("paho.mqtt.client.Client.loop_forever").does(WAIT),
    call("paho.mqtt.client.Client.publish").does(SEND),
    call("paho.mqtt.client.Client.reconnect").does(NET),
    call("paho.mqtt.client.Client.subscribe").does(Effects::SUBSCRIBE.with(Effects::BLOCKS)),
    call("paho.mqtt.publish.multiple").does(SEND.with(Effects::NETWORK)),
    call("paho.mqtt.publish.single").does(SEND.with(Effects::NETWORK)),
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
    // https://docs.aio-pika.com/apidoc.html
    class("aio_pika.Channel")
        .manages(Ret::Receiver, Effects::NETWORK, Exit::Closes)
        .awaits(Ret::Receiver, Effects::NETWORK)
        .attrs(&[("default_exchange", Ret::Inst("aio_pika.Exchange"))]),
    class("aio_pika.Connection").resource(Resource::Socket).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("aio_pika.Exchange"),
    class("aio_pika.IncomingMessage"),
    class("aio_pika.Queue"),
    class("aio_pika:iterator")
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Inst("aio_pika.IncomingMessage"), Effects::WAITS),
    class("aio_pika:process").manages(Ret::Nothing, Effects::NONE, Exit::Nothing),
    // https://nats-io.github.io/nats.py/modules.html
    class("nats.aio.client.Client").resource(Resource::Socket).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("nats.aio.subscription.Subscription"),
    class("nats.js.client.JetStreamContext"),
    // https://eclipse.dev/paho/files/paho.mqtt.python/html/client.html
    class("paho.mqtt.client.Client"),
];

const ALIASES: &[(&str, &str)] = &[
    ("aio_pika.RobustChannel", "aio_pika.Channel"),
    ("aio_pika.RobustConnection", "aio_pika.Connection"),
    ("aio_pika.RobustExchange", "aio_pika.Exchange"),
    ("aio_pika.RobustQueue", "aio_pika.Queue"),
    ("aio_pika.abc.AbstractChannel", "aio_pika.Channel"),
    ("aio_pika.abc.AbstractConnection", "aio_pika.Connection"),
    ("aio_pika.abc.AbstractExchange", "aio_pika.Exchange"),
    ("aio_pika.abc.AbstractIncomingMessage", "aio_pika.IncomingMessage"),
    ("aio_pika.abc.AbstractQueue", "aio_pika.Queue"),
    ("aio_pika.abc.AbstractRobustChannel", "aio_pika.Channel"),
    ("aio_pika.abc.AbstractRobustConnection", "aio_pika.Connection"),
    ("aio_pika.message.IncomingMessage", "aio_pika.IncomingMessage"),
    ("nats.NATS", "nats.aio.client.Client"),
    ("nats.js.JetStreamContext", "nats.js.client.JetStreamContext"),
    ("kafka.consumer.KafkaConsumer", "kafka.KafkaConsumer"),
    ("kafka.producer.KafkaProducer", "kafka.KafkaProducer"),
    ("kombu.connection.Connection", "kombu.Connection"),
    ("kombu.messaging.Producer", "kombu.Producer"),
    ("pika.adapters.blocking_connection.BlockingConnection", "pika.BlockingConnection"),
];
