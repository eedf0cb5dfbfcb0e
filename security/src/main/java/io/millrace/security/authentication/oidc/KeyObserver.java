package io.millrace.security.authentication.oidc;

import java.time.Duration;
import java.util.Optional;

/** Is notified of refreshes of an issuer's keys. Called on the loop of the keys. */
public interface KeyObserver {

    /**
     * @param keys the number of keys for signatures
     */
    void refreshed(String issuer, int keys);

    /**
     * @param age the age of the known keys; empty without keys
     */
    void failed(String issuer, String reason, Optional<Duration> age);
}
