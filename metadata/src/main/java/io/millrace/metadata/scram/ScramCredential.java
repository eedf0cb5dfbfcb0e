package io.millrace.metadata.scram;

import com.google.protobuf.ByteString;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramName;

/**
 * The SCRAM credential of a user (RFC 5802). The keys verify a password and do not contain it, but
 * passwords can be guessed with them: the text form has no bytes.
 *
 * @param iterations the number of iterations of the password's hash
 */
public record ScramCredential(
        ScramName name,
        int iterations,
        ByteString salt,
        ByteString storedKey,
        ByteString serverKey) {

    public static ScramCredential of(SaltedPassword password) {
        return new ScramCredential(
                password.name(),
                password.iterations(),
                password.salt(),
                ByteString.copyFrom(password.storedKey()),
                ByteString.copyFrom(password.serverKey()));
    }

    @Override
    public String toString() {
        return "ScramCredential[%s, secret]".formatted(name);
    }
}
