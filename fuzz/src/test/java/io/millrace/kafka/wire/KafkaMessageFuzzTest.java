package io.millrace.kafka.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Requests of all APIs of Kafka, as they are read from frames. */
class KafkaMessageFuzzTest {

    private static final int MAX_READS = 100_000;

    /** The bytes of objects for one field, and of decoding an empty request. */
    private static final int BYTES_FOR_FIELD = 1 << 10;

    private static final int FIXED_BYTES = 1 << 20;

    private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Two bytes select the API and its version; the others are the request. */
    @FuzzTest(maxDuration = "20m")
    void aRequestIsDecodedAsKafkaDoesOrMalformed(byte[] bytes) {
        if (bytes.length < 2) {
            return;
        }
        ApiKeys api = ApiKeys.values()[(bytes[0] & 0xff) % ApiKeys.values().length];
        int versions = api.latestVersion(true) - api.oldestVersion() + 1;
        if (versions <= 0) {
            return;
        }
        short version = (short) (api.oldestVersion() + (bytes[1] & 0xff) % versions);
        byte[] body = Arrays.copyOfRange(bytes, 2, bytes.length);
        // The first request of an API also allocates its classes.
        decode(api.messageType.newRequest(), version, body);
        long before = MEMORY.getCurrentThreadAllocatedBytes();
        ApiMessage request = api.messageType.newRequest();
        boolean decoded = decode(request, version, body);
        long allocated = MEMORY.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated)
                .as("allocated for %d bytes", body.length)
                .isLessThan(FIXED_BYTES + (long) BYTES_FOR_FIELD * body.length);
        if (decoded) {
            ApiMessage reference = reference(api, version, body);
            // NaN is not equal to itself.
            if (!request.equals(reference)) {
                assertThat(request.toString()).isEqualTo(reference.toString());
            }
            assertWrittenAsKafkaDoes(request, version);
        }
    }

    private static boolean decode(ApiMessage request, short version, byte[] body) {
        ByteBuf frame = Unpooled.wrappedBuffer(body);
        try {
            request.read(new ByteBufReadable(frame, MAX_READS), version);
            return true;
        } catch (StackOverflowError deep) {
            throw new AssertionError("a request overflows the stack", deep);
        } catch (RuntimeException malformed) {
            return false;
        }
    }

    private static ApiMessage reference(ApiKeys api, short version, byte[] body) {
        ApiMessage reference = api.messageType.newRequest();
        reference.read(new ByteBufferAccessor(ByteBuffer.wrap(body)), version);
        return reference;
    }

    private static void assertWrittenAsKafkaDoes(ApiMessage request, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer expected;
        try {
            expected = ByteBuffer.allocate(request.size(cache, version));
            request.write(new ByteBufferAccessor(expected), cache, version);
        } catch (RuntimeException unwritable) {
            // Kafka reads, but does not write, unknown tagged fields out of order.
            return;
        }
        ByteBuf written = Unpooled.buffer(expected.capacity());
        request.write(new ByteBufWritable(written), cache, version);
        assertThat(written.nioBuffer()).isEqualTo(expected.flip());
    }

    /** Numbers of variable length, which Kafka's own reader reads and writes as well. */
    @FuzzTest(maxDuration = "20m")
    void numbersAreReadAndWrittenAsKafkaDoes(byte[] bytes) {
        if (bytes.length < Long.BYTES) {
            return;
        }
        long number = ByteBuffer.wrap(bytes).getLong();
        ByteBuf written = Unpooled.buffer();
        ByteBufWritable out = new ByteBufWritable(written);
        out.writeVarlong(number);
        out.writeVarint((int) number);
        out.writeUnsignedVarint((int) number);
        ByteBufferAccessor kafka = new ByteBufferAccessor(written.nioBuffer());
        assertThat(kafka.readVarlong()).isEqualTo(number);
        assertThat(kafka.readVarint()).isEqualTo((int) number);
        assertThat(kafka.readUnsignedVarint()).isEqualTo((int) number);
        ByteBufReadable in = new ByteBufReadable(written, MAX_READS);
        assertThat(in.readVarlong()).isEqualTo(number);
        assertThat(in.readVarint()).isEqualTo((int) number);
        assertThat(in.readUnsignedVarint()).isEqualTo((int) number);
        readNumbers(bytes);
    }

    private static void readNumbers(byte[] bytes) {
        ByteBufReadable in = new ByteBufReadable(Unpooled.wrappedBuffer(bytes), MAX_READS);
        ByteBufferAccessor kafka = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
        try {
            while (in.remaining() > 0) {
                long number = in.readVarlong();
                assertThat(kafka.readVarlong()).isEqualTo(number);
                assertThat(kafka.remaining()).isEqualTo(in.remaining());
            }
        } catch (MalformedFrameException malformed) {
            return;
        }
    }
}
