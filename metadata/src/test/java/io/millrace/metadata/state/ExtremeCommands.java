package io.millrace.metadata.state;

import com.google.protobuf.ByteString;
import io.millrace.metadata.command.Command;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Random commands of every kind whose fields have extreme values. Finds the fields by reflection,
 * so that a new field is drawn too.
 */
public final class ExtremeCommands {

    private static final int ATTEMPTS = 100_000;

    private static final long[] LONGS = {
        0, 1, 2, 3, -1, -2, Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE, 1L << 32, 1L << 62
    };

    private static final int[] INTS = {
        0, 1, 2, 3, -1, -2, 1000, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE
    };

    private static final short[] SHORTS = {0, 1, -1, Short.MAX_VALUE, Short.MIN_VALUE};

    private static final List<String> STRINGS =
            List.of(
                    "",
                    "topic-0",
                    "group-0",
                    "member-0",
                    "retention.ms",
                    "\u0000",
                    "\uffff\ud83d\ude00",
                    "User:\uffff\ud83d\ude00",
                    "x".repeat(300));

    private static final List<Class<?>> KINDS =
            Arrays.stream(Command.class.getPermittedSubclasses())
                    .filter(kind -> kind != Command.FeatureLevelRaised.class)
                    .<Class<?>>map(kind -> kind)
                    .toList();

    private final RandomGenerator random;

    public ExtremeCommands(RandomGenerator random) {
        this.random = random;
    }

    /** Returns between one and three commands, without changes of the feature level. */
    public List<Command> next() {
        List<Command> commands = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            commands.add((Command) record(KINDS.get(random.nextInt(KINDS.size()))));
        }
        return commands;
    }

    /** Draws until the record accepts its fields. */
    private Object record(Class<?> kind) {
        RecordComponent[] fields = kind.getRecordComponents();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Object[] values =
                    Arrays.stream(fields).map(field -> value(field.getGenericType())).toArray();
            try {
                Constructor<?> constructor =
                        kind.getDeclaredConstructor(
                                Arrays.stream(fields)
                                        .map(RecordComponent::getType)
                                        .toArray(Class<?>[]::new));
                return constructor.newInstance(values);
            } catch (InvocationTargetException refused) {
                if (!(refused.getCause() instanceof IllegalArgumentException)) {
                    throw new AssertionError(kind + " of " + Arrays.toString(values), refused);
                }
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        }
        throw new AssertionError("no values for " + kind);
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType of) {
            return collection(of);
        }
        if (!(type instanceof Class<?> kind)) {
            throw new AssertionError("no values of " + type);
        }
        if (kind == long.class) {
            return LONGS[random.nextInt(LONGS.length)];
        }
        if (kind == int.class) {
            return INTS[random.nextInt(INTS.length)];
        }
        if (kind == short.class) {
            return SHORTS[random.nextInt(SHORTS.length)];
        }
        if (kind == String.class) {
            return STRINGS.get(random.nextInt(STRINGS.size()));
        }
        if (kind == ByteString.class) {
            return ByteString.copyFrom(new byte[random.nextInt(3) * 100]);
        }
        return kind.isEnum()
                ? kind.getEnumConstants()[random.nextInt(kind.getEnumConstants().length)]
                : record(kind);
    }

    private Object collection(ParameterizedType type) {
        int size = random.nextInt(4);
        Type element = type.getActualTypeArguments()[0];
        if (type.getRawType() == Map.class) {
            Map<Object, Object> map = new HashMap<>();
            for (int i = 0; i < size; i++) {
                map.put(value(element), value(type.getActualTypeArguments()[1]));
            }
            return map;
        }
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            list.add(value(element));
        }
        return type.getRawType() == Set.class ? new HashSet<>(list) : list;
    }
}
