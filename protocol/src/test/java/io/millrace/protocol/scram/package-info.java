@NullMarked
package io.millrace.protocol.scram;

import org.jspecify.annotations.NullMarked;
