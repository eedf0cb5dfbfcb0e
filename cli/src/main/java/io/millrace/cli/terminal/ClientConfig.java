package io.millrace.cli.terminal;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The values of connection options that are not on the command line: from an environment variable,
 * else from a file of properties. The key of a property is the name of the option without the
 * dashes, such as {@code tls-trust}.
 *
 * @param environment the environment variables by name
 * @param properties the properties of the file
 * @param folder the folder of the file, against which paths in the file are resolved
 */
record ClientConfig(
        Function<String, Optional<String>> environment,
        Map<String, String> properties,
        Path folder) {

    static final String SERVER = "server";
    static final String ZONE = "zone";
    static final String TLS = "tls";
    static final String TLS_TRUST = "tls-trust";
    static final String TLS_CERTIFICATE = "tls-certificate";
    static final String TLS_KEY = "tls-key";
    static final String TLS_SERVER_NAME = "tls-server-name";

    private static final Set<String> KEYS =
            new TreeSet<>(
                    Set.of(
                            SERVER,
                            ZONE,
                            TLS,
                            TLS_TRUST,
                            TLS_CERTIFICATE,
                            TLS_KEY,
                            TLS_SERVER_NAME));

    private static final String VARIABLES = "MILLRACE_CLIENT_";

    /**
     * Reads the file that an option or the environment names.
     *
     * @param option the value of the option; null if not given
     * @throws IllegalArgumentException if the file cannot be read, or has an unknown key
     */
    static ClientConfig read(
            Function<String, Optional<String>> environment, @Nullable String option) {
        Optional<Path> file =
                Optional.ofNullable(option)
                        .or(() -> environment.apply(VARIABLES + "CONFIG"))
                        .filter(name -> !name.isEmpty())
                        .map(Path::of);
        Map<String, String> properties = file.map(ClientConfig::properties).orElse(Map.of());
        for (String key : properties.keySet()) {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        "the file %s has the unknown key %s; the keys are %s"
                                .formatted(file.orElseThrow(), key, String.join(", ", KEYS)));
            }
        }
        Path folder = file.map(Path::toAbsolutePath).map(Path::getParent).orElse(Path.of(""));
        return new ClientConfig(environment, properties, folder);
    }

    private static Map<String, String> properties(Path file) {
        Properties loaded = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            loaded.load(in);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "the file %s cannot be read: %s".formatted(file, unreadable), unreadable);
        }
        Map<String, String> properties = new TreeMap<>();
        loaded.stringPropertyNames()
                .forEach(key -> properties.put(key, loaded.getProperty(key).strip()));
        return properties;
    }

    /**
     * Returns a value. An empty one counts as not set.
     *
     * @param option the value of the option; null if not given
     */
    Optional<String> value(String key, @Nullable String option) {
        return Optional.ofNullable(option)
                .or(() -> variable(key))
                .or(() -> Optional.ofNullable(properties.get(key)))
                .filter(text -> !text.isEmpty());
    }

    /**
     * Returns the path of a file.
     *
     * @param option the value of the option; null if not given
     */
    Optional<Path> path(String key, @Nullable String option) {
        return Optional.ofNullable(option)
                .or(() -> variable(key))
                .map(Path::of)
                .or(() -> Optional.ofNullable(properties.get(key)).map(folder::resolve))
                .filter(file -> !file.toString().isEmpty());
    }

    private Optional<String> variable(String key) {
        return environment.apply(VARIABLES + variableName(key)).filter(text -> !text.isEmpty());
    }

    private static String variableName(String key) {
        return key.replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
