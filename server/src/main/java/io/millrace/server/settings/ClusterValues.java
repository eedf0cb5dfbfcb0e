package io.millrace.server.settings;

import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.EtcdTls;
import io.millrace.metadata.etcd.jetcd.EtcdUser;
import io.millrace.metadata.membership.Role;
import io.millrace.server.settings.ServerSettings.InvalidSettingException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A parser for the settings that only a cluster node has. */
final class ClusterValues {

    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._-]{1,63}");
    private static final Pattern ADDRESS =
            Pattern.compile("([A-Za-z0-9.-]+|\\[[0-9a-fA-F:]+])(?::([0-9]{1,5}))?");

    private final SettingReader reader;

    ClusterValues(SettingReader reader) {
        this.reader = reader;
    }

    LogLocation.Cluster read() {
        if (reader.configured(Setting.ETCD).isEmpty()) {
            throw new InvalidSettingException(
                    "A node needs %s: set the addresses of etcd, such as http://localhost:2379."
                            .formatted(Setting.ETCD.displayName()));
        }
        if (reader.configured(Setting.BUCKET).isEmpty()) {
            throw new InvalidSettingException(
                    "A node needs %s: set the bucket that all nodes of the cluster share."
                            .formatted(Setting.BUCKET.displayName()));
        }
        return new LogLocation.Cluster(
                etcd(),
                reader.optional(
                        Setting.NODE_ID, matching(NODE), "up to 128 characters of [A-Za-z0-9._-]"),
                reader.parsed(
                        Setting.ROLES,
                        ClusterValues::roles,
                        "one or more of ingest, fetch and compaction, separated by commas"),
                reader.optional(
                                Setting.ZONE,
                                matching(ZONE),
                                "up to 63 characters of [A-Za-z0-9._-]")
                        .orElse(""),
                reader.optional(Setting.ADVERTISE, ClusterValues::address, "HOST or HOST:PORT"),
                Duration.ofSeconds(reader.number(Setting.NODE_LEASE_S, 2, 300)),
                Duration.ofSeconds(reader.number(Setting.SEAL_AGE_S, 1, 3600)),
                Duration.ofSeconds(reader.number(Setting.METADATA_RETENTION_S, 0, 21_600)));
    }

    private EtcdSettings etcd() {
        List<URI> endpoints =
                reader.parsed(
                        Setting.ETCD,
                        text ->
                                Stream.of(text.split(","))
                                        .map(String::trim)
                                        .map(URI::create)
                                        .toList(),
                        "http://HOST:PORT or https://HOST:PORT, separated by commas");
        try {
            return EtcdSettings.of(endpoints, tls(), user());
        } catch (IllegalArgumentException wrong) {
            String why = String.valueOf(wrong.getMessage());
            throw new InvalidSettingException(
                    "%s: %s%s"
                            .formatted(
                                    Setting.ETCD.displayName(), why, why.endsWith(".") ? "" : "."));
        }
    }

    private Optional<EtcdTls> tls() {
        Optional<Path> authorities = reader.configured(Setting.ETCD_AUTHORITIES).map(Path::of);
        Optional<EtcdTls.Identity> identity =
                reader.pair(Setting.ETCD_CERTIFICATE, Setting.ETCD_KEY)
                        .map(two -> new EtcdTls.Identity(Path.of(two[0]), Path.of(two[1])));
        return authorities.isEmpty() && identity.isEmpty()
                ? Optional.empty()
                : Optional.of(new EtcdTls(authorities, identity));
    }

    private Optional<EtcdUser> user() {
        return reader.pair(Setting.ETCD_USER, Setting.ETCD_PASSWORD)
                .map(two -> new EtcdUser(two[0], two[1]));
    }

    private static Function<String, String> matching(Pattern pattern) {
        return text -> {
            if (!pattern.matcher(text).matches()) {
                throw new IllegalArgumentException(text);
            }
            return text;
        };
    }

    private static Set<Role> roles(String text) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String role : text.split(",")) {
            roles.add(Role.valueOf(role.trim().toUpperCase(Locale.ROOT)));
        }
        if (roles.isEmpty()) {
            throw new IllegalArgumentException(text);
        }
        return roles;
    }

    static LogLocation.Address address(String text) {
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        Optional<Integer> port = Optional.ofNullable(matcher.group(2)).map(Integer::valueOf);
        if (port.isPresent() && (port.get() == 0 || port.get() > 65_535)) {
            throw new IllegalArgumentException(text);
        }
        return new LogLocation.Address(matcher.group(1), port);
    }
}
