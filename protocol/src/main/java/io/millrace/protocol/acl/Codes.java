package io.millrace.protocol.acl;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Finds enum values by the code of Kafka's protocol. */
final class Codes {

    private Codes() {}

    static <E extends Enum<E>> Optional<E> find(E[] values, ToIntFunction<E> codeOf, int code) {
        return Arrays.stream(values).filter(each -> codeOf.applyAsInt(each) == code).findFirst();
    }
}
