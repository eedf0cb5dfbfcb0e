package io.millrace.kafka.topic;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.metadata.topic.TopicSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A requested change of the settings of a topic, computed for its present settings. Pure.
 *
 * @param reset settings that return to their defaults
 */
record SettingChange(Map<String, String> set, Set<String> reset) {

    /** A change of one setting, as IncrementalAlterConfigs names it. */
    record Operation(String key, byte code, @Nullable String value) {

        static final byte SET = 0;
        static final byte DELETE = 1;
        static final byte APPEND = 2;
        static final byte SUBTRACT = 3;
    }

    /** Returns the reason to reject operations of any topic. */
    static Optional<ApiFailure> violation(List<Operation> operations) {
        Set<String> keys = new HashSet<>();
        for (Operation operation : operations) {
            if (!keys.add(operation.key())) {
                return Optional.of(
                        ApiFailure.invalid(
                                "The request names the setting %s more than once."
                                        .formatted(operation.key())));
            }
            if (operation.code() < Operation.SET || operation.code() > Operation.SUBTRACT) {
                return Optional.of(
                        ApiFailure.invalid(
                                "The operation %d is unknown.".formatted(operation.code())));
            }
            if (operation.code() != Operation.DELETE && operation.value() == null) {
                return Optional.of(
                        ApiFailure.invalid(
                                "The setting %s has no value.".formatted(operation.key())));
            }
            boolean onList =
                    operation.code() == Operation.APPEND || operation.code() == Operation.SUBTRACT;
            if (onList && !isList(operation.key())) {
                return Optional.of(
                        new ApiFailure(
                                Errors.INVALID_CONFIG,
                                "The setting %s is no list, so nothing can be added or removed: set it."
                                        .formatted(operation.key())));
            }
        }
        return Optional.empty();
    }

    private static boolean isList(String key) {
        return key.equals(TopicSetting.CLEANUP_POLICY.key());
    }

    /**
     * Returns the change that legal operations make. Deleting an unknown setting changes nothing.
     */
    static SettingChange of(Topic topic, List<Operation> operations) {
        Map<String, String> set = new TreeMap<>();
        Set<String> reset = new TreeSet<>();
        for (Operation operation : operations) {
            String value =
                    operation.value() == null
                            ? ""
                            : SettingText.canonical(operation.key(), operation.value());
            switch (operation.code()) {
                case Operation.DELETE -> {
                    if (TopicSetting.withKey(operation.key()).isPresent()) {
                        reset.add(operation.key());
                    }
                }
                case Operation.APPEND ->
                        set.put(operation.key(), appended(topic.settings(), value));
                case Operation.SUBTRACT ->
                        set.put(operation.key(), subtracted(topic.settings(), value));
                default -> set.put(operation.key(), value);
            }
        }
        return new SettingChange(set, reset);
    }

    /** Returns the change to settings that replace all present ones. */
    static SettingChange replacing(Topic topic, Map<String, String> settings) {
        Map<String, String> set = new TreeMap<>();
        settings.forEach((key, value) -> set.put(key, SettingText.canonical(key, value)));
        Set<String> reset = new TreeSet<>(topic.settings().given().keySet());
        reset.removeAll(set.keySet());
        return new SettingChange(set, reset);
    }

    private static List<String> policies(TopicSettings settings) {
        return new ArrayList<>(
                Arrays.asList(settings.value(TopicSetting.CLEANUP_POLICY).split(",", -1)));
    }

    private static String appended(TopicSettings settings, String added) {
        List<String> policies = policies(settings);
        for (String policy : added.split(",", -1)) {
            if (!policies.contains(policy)) {
                policies.add(policy);
            }
        }
        return String.join(",", policies);
    }

    private static String subtracted(TopicSettings settings, String removed) {
        List<String> policies = policies(settings);
        policies.removeAll(Arrays.asList(removed.split(",", -1)));
        return String.join(",", policies);
    }
}
