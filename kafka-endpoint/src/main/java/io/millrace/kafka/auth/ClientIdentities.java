package io.millrace.kafka.auth;

import io.millrace.kafka.connection.ClientIdentity;
import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.Authenticator;
import io.millrace.security.authentication.Credentials;
import io.millrace.security.authentication.scram.ScramAuthenticator;
import io.millrace.security.principal.PeerAddress;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The identities of clients that must authenticate: by a client certificate, or by SASL. Any
 * thread.
 *
 * @param mechanisms the offered SASL mechanisms
 * @param scram the users with passwords; present if a mechanism is one of SCRAM
 * @param clock the wall clock, which expiries are compared with
 */
public record ClientIdentities(
        Authenticator authenticator,
        AuthenticationListener listener,
        List<SaslMechanism> mechanisms,
        Optional<ScramAuthenticator> scram,
        InstantSource clock)
        implements ClientIdentity.Source {

    public ClientIdentities {
        mechanisms = List.copyOf(mechanisms);
        if (scram.isEmpty()
                && mechanisms.stream()
                        .anyMatch(offered -> offered.method() == AuthenticationMethod.SCRAM)) {
            throw new IllegalArgumentException("a mechanism without users");
        }
    }

    @Override
    public ClientIdentity open(Channel channel) {
        return new AuthenticatedIdentity(
                this, PeerAddress.host(channel.remoteAddress()), certificate(channel));
    }

    private static Credentials certificate(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return new Credentials.None();
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate leaf
                    ? new Credentials.Certificate(leaf)
                    : new Credentials.None();
        } catch (SSLPeerUnverifiedException withoutCertificate) {
            return new Credentials.None();
        }
    }
}
