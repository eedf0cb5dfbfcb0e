package io.millrace.security.authentication.methods;

import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.certificate.CertificateName;
import io.millrace.security.authentication.oidc.OidcSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The enabled methods of authentication.
 *
 * @param methods the enabled methods; empty if authentication is off
 * @param certificateName the part of a certificate that names the principal; present if the method
 *     CERTIFICATE is enabled
 * @param tokensFile the file of static tokens; present if the method TOKEN is enabled
 * @param oidc the trusted issuer; present if the method OIDC is enabled
 */
public record AuthenticationSettings(
        Set<AuthenticationMethod> methods,
        Optional<CertificateName> certificateName,
        Optional<Path> tokensFile,
        Optional<OidcSettings> oidc) {

    /** All calls are anonymous. */
    public static final AuthenticationSettings OFF =
            new AuthenticationSettings(
                    Set.of(), Optional.empty(), Optional.empty(), Optional.empty());

    public AuthenticationSettings {
        methods = Set.copyOf(methods);
        if (methods.contains(AuthenticationMethod.CERTIFICATE) != certificateName.isPresent()
                || methods.contains(AuthenticationMethod.TOKEN) != tokensFile.isPresent()
                || methods.contains(AuthenticationMethod.OIDC) != oidc.isPresent()) {
            throw new IllegalArgumentException("the settings do not match the methods");
        }
    }

    /** Returns whether calls must be authenticated. */
    public boolean isOn() {
        return !methods.isEmpty();
    }

    /** Returns the methods of two ports, which have the same settings of a method. */
    public AuthenticationSettings and(AuthenticationSettings other) {
        Set<AuthenticationMethod> all = new TreeSet<>(methods);
        all.addAll(other.methods);
        return new AuthenticationSettings(
                all,
                certificateName.or(other::certificateName),
                tokensFile.or(other::tokensFile),
                oidc.or(other::oidc));
    }

    /**
     * Returns the enabled methods for a message, such as "certificate or token". Calls of gRPC have
     * no SCRAM.
     */
    String description() {
        if (methods.equals(Set.of(AuthenticationMethod.SCRAM))) {
            return AuthenticationMethod.SCRAM.label();
        }
        return String.join(
                " or ",
                new TreeSet<>(methods)
                        .stream()
                                .filter(method -> method != AuthenticationMethod.SCRAM)
                                .map(AuthenticationMethod::label)
                                .toList());
    }
}
