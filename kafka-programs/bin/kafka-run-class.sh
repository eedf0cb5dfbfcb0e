#!/bin/sh
# Kafka's tools under the names of Kafka's distribution, with the libraries that Maven collects at the first use:
# kafka-programs/bin/kafka-topics.sh OPTION ..., or kafka-programs/bin/kafka-run-class.sh CLASS ARGUMENT ...
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
. "$here/../.mvn/find-jdk.sh"
find_jdk
[ -d "$here/target/tools" ] || "$here/../mvnw" -q -pl kafka-programs generate-resources >&2
tools=org.apache.kafka.tools
case ${0##*/} in
kafka-run-class.sh) ;;
kafka-acls.sh) set -- $tools.AclCommand "$@" ;;
kafka-configs.sh) set -- kafka.admin.ConfigCommand "$@" ;;
kafka-console-consumer.sh) set -- $tools.consumer.ConsoleConsumer "$@" ;;
kafka-console-producer.sh) set -- $tools.ConsoleProducer "$@" ;;
kafka-consumer-groups.sh) set -- $tools.consumer.group.ConsumerGroupCommand "$@" ;;
kafka-topics.sh) set -- $tools.TopicCommand "$@" ;;
*)
    echo "Unknown tool ${0##*/}: pass its class to kafka-run-class.sh." >&2
    exit 2
    ;;
esac
exec "$JAVA_HOME/bin/java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$here/target/tools/*" "$@"
