package io.millrace.it.requests;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Creates objects of Kafka's server classes without their constructors, which would open ports and
 * folders. Only the methods that a subclass overrides may be called.
 */
final class StandIn {
    private StandIn() {}

    static <T> T create(Class<T> type) {
        try {
            var constructor =
                    sun.reflect.ReflectionFactory.getReflectionFactory()
                            .newConstructorForSerialization(
                                    type, Object.class.getDeclaredConstructor());
            return type.cast(constructor.newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("No object of " + type + " can be created.", e);
        }
    }

    /** Implements the interface {@code type} by the one method {@code name}. */
    static <T> T implement(Class<T> type, String name, InvocationHandler answer) {
        InvocationHandler handler =
                (self, method, arguments) -> {
                    if (method.getName().equals(name))
                        return answer.invoke(self, method, arguments);
                    throw new UnsupportedOperationException(
                            "The test looks into the process of the broker: " + method);
                };
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
