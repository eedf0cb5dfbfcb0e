package io.millrace.runtime.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.InvalidKeyException;

/** Elements of DER, the encoding of keys and certificates. */
final class Der {

    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_ID = 0x06;
    static final int SEQUENCE = 0x30;

    private Der() {}

    /** Returns an element with the given elements or bytes as its content. */
    static byte[] element(int tag, byte[]... content) {
        int length = 0;
        for (byte[] each : content) {
            length += each.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(length >>> (8 * i));
            }
        }
        for (byte[] each : content) {
            out.writeBytes(each);
        }
        return out.toByteArray();
    }

    /** Returns the tag of the next element, or -1 at the end. */
    static int nextTag(ByteBuffer in) {
        return in.hasRemaining() ? in.get(in.position()) & 0xff : -1;
    }

    /**
     * Reads the content of the next element, which shares the bytes.
     *
     * @throws InvalidKeyException if there is no element with the tag, or the element is cut off
     */
    static ByteBuffer read(ByteBuffer in, int tag) throws InvalidKeyException {
        if (nextTag(in) != tag || in.remaining() < 2) {
            throw new InvalidKeyException("unexpected element");
        }
        in.get();
        int length = in.get() & 0xff;
        if (length >= 0x80) {
            int bytes = length & 0x7f;
            if (bytes == 0 || bytes > 3 || in.remaining() < bytes) {
                throw new InvalidKeyException("illegal length");
            }
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = length << 8 | (in.get() & 0xff);
            }
        }
        if (length > in.remaining()) {
            throw new InvalidKeyException("cut off");
        }
        ByteBuffer content = in.slice(in.position(), length);
        in.position(in.position() + length);
        return content;
    }
}
