package io.millrace.it.differential;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Requests that read and change settings. */
final class ConfigScenarios {

    private static final byte TOPIC = 2;
    private static final byte NODE = 4;
    private static final byte NODE_LOGGER = 8;

    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    private ConfigScenarios() {}

    static void description(Side side) {
        String node = "" + side.node();
        side.createTopic("described", 1);
        side.createTopic("own", 1);
        var list = op("cleanup.policy", SET, "compact,delete");
        changeAll(side, "own", false, target(TOPIC, "own", op("retention.ms", SET, "9"), list));
        side.settle();
        describe(side, "all", resource(TOPIC, "own"));
        describe(side, "all of defaults", resource(TOPIC, "described"));
        describe(side, "none", resource(TOPIC, "own").setConfigurationKeys(List.of()));
        describe(
                side,
                "named",
                resource(TOPIC, "own")
                        .setConfigurationKeys(
                                List.of("retention.ms", "cleanup.policy", "segment.bytes")));
        describe(
                side,
                "named twice",
                resource(TOPIC, "own")
                        .setConfigurationKeys(List.of("retention.ms", "retention.ms")));
        describe(
                side,
                "unknown key",
                resource(TOPIC, "own").setConfigurationKeys(List.of("no.such", "")));
        describe(side, "unknown topic", resource(TOPIC, "missing"));
        describe(side, "no topic", resource(TOPIC, ""));
        describe(side, "illegal topic", resource(TOPIC, "a b"));
        describe(side, "twice", resource(TOPIC, "own"), resource(TOPIC, "own"));
        describe(side, "nothing");
        for (byte type : new byte[] {-1, 0, 1, 3, 5, 16, 32, 33, 99}) {
            describe(side, "type " + type, resource(type, "own"));
        }
        for (String name : List.of("", node, "999", "-1", "x")) {
            String label = name.equals(node) ? "self" : "'" + name + "'";
            var keys = List.of("num.partitions", "broker.id", "no.such", "log.retention.ms");
            describe(side, "node " + label, resource(NODE, name).setConfigurationKeys(keys));
            describe(
                    side,
                    "logger " + label,
                    resource(NODE_LOGGER, name).setConfigurationKeys(List.of("no.such")));
        }
        side.call(
                "synonyms and documentation",
                ApiKeys.DESCRIBE_CONFIGS,
                4,
                new DescribeConfigsRequestData()
                        .setIncludeSynonyms(true)
                        .setIncludeDocumentation(true)
                        .setResources(List.of(resource(TOPIC, "own"))));
    }

    private static void describe(Side side, String label, DescribeConfigsResource... resources) {
        side.each(
                "describe " + label,
                ApiKeys.DESCRIBE_CONFIGS,
                v -> new DescribeConfigsRequestData().setResources(List.of(resources)));
    }

    private static DescribeConfigsResource resource(byte type, String name) {
        return new DescribeConfigsResource()
                .setResourceType(type)
                .setResourceName(name)
                .setConfigurationKeys(null);
    }

    static void incrementalChanges(Side side) {
        side.createTopic("changed", 1);
        change(side, "set", op("retention.ms", SET, "1000"));
        change(side, "set spaces", op("retention.ms", SET, " 1000 "));
        change(side, "set unknown", op("no.such.setting", SET, "1"));
        change(side, "set empty key", op("", SET, "1"));
        change(side, "set null", op("retention.ms", SET, null));
        change(side, "set no number", op("retention.ms", SET, "week"));
        change(side, "set too small", op("retention.ms", SET, "-2"));
        change(side, "set without effect", op("segment.bytes", SET, "1048576"));
        change(side, "set illegal without effect", op("segment.bytes", SET, "x"));
        change(side, "delete", op("retention.ms", DELETE, null));
        change(side, "delete again", op("retention.ms", DELETE, null));
        change(side, "delete with value", op("retention.ms", DELETE, "7"));
        change(side, "delete unknown", op("no.such.setting", DELETE, null));
        change(side, "delete empty key", op("", DELETE, null));
        change(side, "append", op("cleanup.policy", APPEND, "compact"));
        change(side, "append again", op("cleanup.policy", APPEND, "compact"));
        change(side, "append unknown", op("cleanup.policy", APPEND, "keep"));
        change(side, "append nothing", op("cleanup.policy", APPEND, ""));
        change(side, "append null", op("cleanup.policy", APPEND, null));
        change(side, "append to a number", op("retention.ms", APPEND, "1"));
        change(side, "append to an unknown key", op("no.such.setting", APPEND, "1"));
        change(side, "subtract", op("cleanup.policy", SUBTRACT, "compact"));
        change(side, "subtract missing", op("cleanup.policy", SUBTRACT, "compact"));
        change(side, "subtract to nothing", op("cleanup.policy", SUBTRACT, "delete,compact"));
        side.settle();
        describePolicy(side, "after subtraction");
        change(side, "subtract null", op("cleanup.policy", SUBTRACT, null));
        change(side, "subtract from a number", op("retention.ms", SUBTRACT, "1"));
        change(side, "subtract from an unknown key", op("no.such.setting", SUBTRACT, "1"));
        change(side, "operation 4", op("retention.ms", (byte) 4, "1"));
        change(side, "operation -1", op("retention.ms", (byte) -1, "1"));
        change(side, "twice", op("retention.ms", SET, "1"), op("retention.ms", SET, "2"));
        change(
                side,
                "set and delete",
                op("retention.ms", SET, "1"),
                op("retention.ms", DELETE, null));
        change(side, "one of two", op("retention.ms", SET, "77"), op("no.such.setting", SET, "1"));
        change(side, "nothing");
        change(side, "reset", op("cleanup.policy", DELETE, null));
        side.settle();
        describePolicy(side, "at the end");

        side.createTopic("validated", 1);
        changeAll(side, "validate", true, target(TOPIC, "validated", op("retention.ms", SET, "7")));
        changeAll(side, "invalid", true, target(TOPIC, "validated", op("retention.ms", SET, "x")));
        side.settle();
        describe(
                side,
                "validated only",
                resource(TOPIC, "validated").setConfigurationKeys(List.of("retention.ms")));
        var legal = op("retention.ms", SET, "1");
        changeAll(side, "unknown topic", false, target(TOPIC, "missing", legal));
        changeAll(side, "no topic", false, target(TOPIC, "", legal));
        changeAll(side, "illegal topic", false, target(TOPIC, "a b", legal));
        changeAll(
                side,
                "resource twice",
                false,
                target(TOPIC, "validated", legal),
                target(TOPIC, "validated", legal));
        changeAll(side, "no resource", false);
        for (byte type : new byte[] {-1, 0, 1, 3, 5, 99}) {
            changeAll(side, "type " + type, false, target(type, "validated", legal));
        }
        changeAll(side, "unknown node", true, target(NODE, "999", op("num.io.threads", SET, "9")));
        changeAll(side, "no node", true, target(NODE, "x", op("num.io.threads", SET, "9")));
    }

    private static void describePolicy(Side side, String label) {
        describe(
                side,
                label,
                resource(TOPIC, "changed")
                        .setConfigurationKeys(List.of("cleanup.policy", "retention.ms")));
    }

    private static void change(
            Side side,
            String label,
            IncrementalAlterConfigsRequestData.AlterableConfig... configs) {
        changeAll(side, label, false, target(TOPIC, "changed", configs));
    }

    private static void changeAll(
            Side side, String label, boolean validateOnly, AlterConfigsResource... resources) {
        side.each(
                label,
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                v -> {
                    var request =
                            new IncrementalAlterConfigsRequestData().setValidateOnly(validateOnly);
                    Arrays.stream(resources)
                            .forEach(each -> request.resources().add(each.duplicate()));
                    return request;
                });
    }

    private static AlterConfigsResource target(
            byte type, String name, IncrementalAlterConfigsRequestData.AlterableConfig... configs) {
        var resource = new AlterConfigsResource().setResourceType(type).setResourceName(name);
        resource.configs().addAll(Arrays.asList(configs).stream().map(c -> c.duplicate()).toList());
        return resource;
    }

    private static IncrementalAlterConfigsRequestData.AlterableConfig op(
            String key, byte code, @Nullable String value) {
        return new IncrementalAlterConfigsRequestData.AlterableConfig()
                .setName(key)
                .setConfigOperation(code)
                .setValue(value);
    }

    static void replacingChanges(Side side) {
        side.createTopic("replaced", 1);
        replace(
                side,
                "two",
                false,
                "replaced",
                "retention.ms",
                "1000",
                "cleanup.policy",
                "compact");
        replace(side, "one", false, "replaced", "retention.bytes", "1000");
        side.settle();
        describe(
                side,
                "replaced",
                resource(TOPIC, "replaced")
                        .setConfigurationKeys(
                                List.of("retention.ms", "retention.bytes", "cleanup.policy")));
        replace(side, "validate", true, "replaced", "retention.bytes", "7");
        replace(side, "unknown key", false, "replaced", "no.such.setting", "1");
        replace(side, "empty key", false, "replaced", "", "1");
        replace(side, "null", false, "replaced", "retention.ms", null);
        replace(side, "illegal", false, "replaced", "retention.ms", "x");
        replace(side, "twice", false, "replaced", "retention.ms", "1", "retention.ms", "2");
        replace(side, "unknown topic", false, "missing", "retention.ms", "1");
        replace(side, "no topic", false, "", "retention.ms", "1");
        replace(side, "illegal topic", false, "a b", "retention.ms", "1");
        replace(side, "nothing", false, "replaced");
        side.settle();
        describe(
                side,
                "replaced by nothing",
                resource(TOPIC, "replaced")
                        .setConfigurationKeys(
                                List.of("retention.ms", "retention.bytes", "cleanup.policy")));
    }

    private static void replace(
            Side side,
            String label,
            boolean validateOnly,
            String topic,
            @Nullable String... settings) {
        var resource =
                new AlterConfigsRequestData.AlterConfigsResource()
                        .setResourceType(TOPIC)
                        .setResourceName(topic);
        for (int i = 0; i < settings.length; i += 2) {
            resource.configs()
                    .mustAdd(
                            new AlterConfigsRequestData.AlterableConfig()
                                    .setName(settings[i])
                                    .setValue(settings[i + 1]));
        }
        side.each(
                "replace, " + label,
                ApiKeys.ALTER_CONFIGS,
                v -> {
                    var request = new AlterConfigsRequestData().setValidateOnly(validateOnly);
                    request.resources().add(resource.duplicate());
                    return request;
                });
    }
}
