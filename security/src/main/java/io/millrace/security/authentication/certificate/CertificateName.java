package io.millrace.security.authentication.certificate;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** The part of a client certificate that names the principal. */
public enum CertificateName {
    /** The distinguished name of the subject in the form of RFC 2253, as in Kafka. */
    DN {
        @Override
        public Optional<String> of(X509Certificate certificate) {
            return Optional.of(certificate.getSubjectX500Principal().getName());
        }
    },
    /** The only common name of the subject. */
    CN {
        @Override
        public Optional<String> of(X509Certificate certificate) {
            try {
                List<Rdn> names =
                        new LdapName(certificate.getSubjectX500Principal().getName())
                                .getRdns().stream()
                                        .filter(part -> part.getType().equalsIgnoreCase("CN"))
                                        .toList();
                return names.size() == 1 && names.getFirst().getValue() instanceof String name
                        ? Optional.of(name)
                        : Optional.empty();
            } catch (InvalidNameException illegal) {
                return Optional.empty();
            }
        }
    },
    /** The only DNS name among the alternative names of the subject. */
    SAN_DNS {
        @Override
        public Optional<String> of(X509Certificate certificate) {
            try {
                Collection<List<?>> names = certificate.getSubjectAlternativeNames();
                List<Object> dns =
                        names == null
                                ? List.of()
                                : names.stream()
                                        .filter(name ->
                                                Integer.valueOf(DNS_NAME).equals(name.get(0)))
                                        .<Object>map(name -> name.get(1))
                                        .toList();
                return dns.size() == 1 && dns.getFirst() instanceof String name
                        ? Optional.of(name.toLowerCase(Locale.ROOT))
                        : Optional.empty();
            } catch (CertificateParsingException illegal) {
                return Optional.empty();
            }
        }
    };

    /** Type of a DNS name among alternative names, by RFC 5280. */
    private static final int DNS_NAME = 2;

    /** Returns the name; empty if the certificate has none, or more than one. */
    public abstract Optional<String> of(X509Certificate certificate);

    /** Returns the name in the configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
