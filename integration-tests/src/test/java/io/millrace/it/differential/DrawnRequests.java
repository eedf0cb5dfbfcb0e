package io.millrace.it.differential;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.Type;
import org.jspecify.annotations.Nullable;

/**
 * Requests with right, missing and extreme values, drawn from the schemas of the protocol. One seed
 * gives the same requests for each server, but for ids that the server chose.
 */
final class DrawnRequests {

    /** A tag that no version of a message has; a server ignores its bytes. */
    private static final int UNKNOWN_TAG = 4_000;

    /** The chances of a value that is not right, in percent; each request has one of them. */
    private static final int[] WRONG = {0, 0, 10, 30, 60};

    private final SplittableRandom random;
    private final DrawnValues values;
    private int wrong;

    DrawnRequests(SplittableRandom random, DrawnValues values) {
        this.random = random;
        this.values = values;
    }

    /** Returns the next request of an API. */
    ApiMessage next(ApiKeys api, short version) {
        wrong = WRONG[random.nextInt(WRONG.length)];
        DrawnValues.Place whole = new DrawnValues.Place(api, version, "", "");
        Struct struct = struct(whole, api.messageType.requestSchemas()[version]);
        ByteBuffer bytes = ByteBuffer.allocate(struct.sizeOf());
        struct.writeTo(bytes);
        ApiMessage request = api.messageType.newRequest();
        request.read(new ByteBufferAccessor(bytes.flip()), version);
        return request;
    }

    private Struct struct(DrawnValues.Place of, Schema schema) {
        Struct struct = new Struct(schema);
        for (BoundField field : schema.fields()) {
            String name = field.def.name;
            struct.set(
                    field,
                    name.equals("_tagged_fields") ? tags() : value(of.field(name), field.def.type));
        }
        return struct;
    }

    private NavigableMap<Integer, Object> tags() {
        NavigableMap<Integer, Object> tags = new TreeMap<>();
        if (random.nextInt(100) < wrong) {
            tags.put(UNKNOWN_TAG, new RawTaggedField(UNKNOWN_TAG, new byte[random.nextInt(9)]));
        }
        return tags;
    }

    private @Nullable Object value(DrawnValues.Place place, Type type) {
        boolean right = random.nextInt(100) >= wrong;
        if (!right && type.isNullable() && DrawnValues.mayBeNull(place) && random.nextInt(3) == 0) {
            return null;
        }
        Optional<Type> element = type.arrayElementType();
        if (element.isPresent()) {
            return array(place, element.get(), right);
        }
        return type instanceof Schema schema
                ? struct(place, schema)
                : values.draw(place, type, right, random);
    }

    /**
     * Elements begin with different values: for repeated ones, Kafka's answer depends on where they
     * are kept in a map.
     */
    private Object[] array(DrawnValues.Place place, Type type, boolean right) {
        int size = DrawnValues.size(place, right ? 1 : random.nextInt(3));
        List<@Nullable Object> elements = new ArrayList<>();
        Set<@Nullable Object> firsts = new HashSet<>();
        for (int i = 0; i < size; i++) {
            Object element = value(place, type);
            if (firsts.add(
                    element instanceof Struct struct
                            ? struct.get(struct.schema().get(0))
                            : element)) {
                elements.add(element);
            }
        }
        return elements.toArray();
    }
}
