package io.millrace.security.authentication.oidc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.runtime.FutureFailures;
import io.millrace.security.file.InvalidFileException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;

/**
 * Downloads the keys of an issuer, after the discovery of their address if it is not configured.
 * Each response must end before a deadline, and one of more than 1 MiB is refused.
 */
final class KeyDownload {

    static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final OidcSettings settings;
    private final Executor worker;
    private final Duration timeout;
    private final HttpClient http;

    /**
     * @param worker the executor of the downloads, which block
     * @param timeout the time for each request with its response
     */
    KeyDownload(OidcSettings settings, Executor worker, Duration timeout) {
        this.settings = settings;
        this.worker = worker;
        this.timeout = timeout;
        this.http =
                HttpClient.newBuilder()
                        .connectTimeout(timeout)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .executor(worker)
                        .build();
    }

    CompletableFuture<KeySet> start() {
        return CompletableFuture.supplyAsync(this::download, worker);
    }

    private KeySet download() {
        try {
            URI address = settings.keys().isPresent() ? settings.keys().get() : discover();
            return KeySet.parse(get(address));
        } catch (InvalidFileException invalid) {
            throw new CompletionException(
                    new IOException("the key set is invalid: " + invalid.getMessage()));
        } catch (IOException failure) {
            throw new CompletionException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CompletionException(interrupted);
        }
    }

    private URI discover() throws IOException, InterruptedException {
        URI place = settings.discovery();
        Map<String, Object> configuration;
        try {
            configuration = JsonUtil.parseJson(new String(get(place), UTF_8));
        } catch (JoseException malformed) {
            throw new IOException(place + " is not JSON");
        }
        if (!settings.issuer().equals(configuration.get("issuer"))) {
            throw new IOException(place + " names an issuer other than millrace.oidc-issuer");
        }
        if (configuration.get("jwks_uri") instanceof String text) {
            try {
                URI address = URI.create(text);
                if (!"file".equalsIgnoreCase(address.getScheme())
                        && OidcSettings.isTrustworthy(address)) {
                    return address;
                }
            } catch (IllegalArgumentException illegal) {
                throw new IOException(place + " has an illegal jwks_uri");
            }
        }
        throw new IOException(place + " has no jwks_uri with https");
    }

    private byte[] get(URI address) throws IOException, InterruptedException {
        // The timeout of an HttpRequest ends with the headers of the response.
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(
                        HttpRequest.newBuilder(address).build(),
                        HttpResponse.BodyHandlers.limiting(
                                HttpResponse.BodyHandlers.ofByteArray(), KeySet.MAX_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            if (response.statusCode() != 200) {
                throw new IOException(address + " answered with status " + response.statusCode());
            }
            return response.body();
        } catch (TimeoutException late) {
            throw new IOException(
                    "%s did not complete its response within %d ms"
                            .formatted(address, timeout.toMillis()));
        } catch (ExecutionException failure) {
            throw new IOException(
                    "%s has no response of at most %,d bytes: %s"
                            .formatted(address, KeySet.MAX_BYTES, reason(failure)));
        } finally {
            answer.cancel(true);
        }
    }

    /** Returns the cause of a failed download, without a period. */
    static String reason(Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
