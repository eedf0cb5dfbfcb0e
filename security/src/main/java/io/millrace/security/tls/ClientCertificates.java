package io.millrace.security.tls;

/** The client certificates that a server requests. */
public enum ClientCertificates {
    /** None. */
    NONE,
    /** A client may present a certificate, which must then be valid. */
    WANTED,
    /** Only clients and nodes with a valid certificate may connect. */
    REQUIRED
}
