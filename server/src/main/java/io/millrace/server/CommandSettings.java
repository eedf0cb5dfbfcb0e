package io.millrace.server;

import io.millrace.server.settings.ServerSettings;
import io.millrace.server.settings.Setting;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.config.Config;

/** The configuration of commands that run without a node, from the same sources as a node's. */
record CommandSettings(Config config) {

    static CommandSettings read() {
        return new CommandSettings(
                new SmallRyeConfigBuilder()
                        .addDefaultSources()
                        .addDiscoveredSources()
                        .addDiscoveredConverters()
                        .build());
    }

    private Optional<String> value(String key) {
        return config.getOptionalValue(key, String.class);
    }

    /** Returns the settings of a node of the cluster, with its bucket and its etcd. */
    ServerSettings node() {
        return ServerSettings.node(this::value);
    }

    /** Returns the settings of the bucket only; etcd is not needed. */
    ServerSettings bucketOnly() {
        return ServerSettings.standalone(this::value);
    }

    /** Returns the same settings for another bucket on the same S3 server. */
    ServerSettings otherBucket(String address) {
        Function<String, Optional<String>> other =
                key -> key.equals(Setting.BUCKET.key()) ? Optional.of(address) : value(key);
        return ServerSettings.standalone(other);
    }
}
