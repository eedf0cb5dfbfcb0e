package io.millrace.kafka.auth;

import io.millrace.security.authentication.Authentication;

/** Credentials of a client that can be checked again. Owned by the event loop of the connection. */
interface CheckedCredentials {

    /** Returns whether the result of the last check may be invalid. */
    boolean isOutdated();

    /** Checks the credentials. */
    Authentication check();
}
