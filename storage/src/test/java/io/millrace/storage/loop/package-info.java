@NullMarked
package io.millrace.storage.loop;

import org.jspecify.annotations.NullMarked;
