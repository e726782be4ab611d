# What speaks the wire: the vocabulary with its codec, and the bus. Also for a gateway's author, who
# has none of the engine's other libraries (gateway/kit/cpp).
include_guard(GLOBAL)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
get_filename_component(wire_root ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)

# The part without a codec is all that the models see (`model_alone` in tests/ links with nothing
# else).
set(vocabulary asyncapi catalogue envelope fields ids json owners personal problems record
  routing_policy safety time rule_words uuid value variants vocabulary z85)
list(TRANSFORM vocabulary PREPEND ${wire_root}/messages/)
list(TRANSFORM vocabulary APPEND .cpp)
add_library(careline_vocabulary STATIC ${vocabulary})
target_include_directories(careline_vocabulary PRIVATE ${wire_root})

set(codec codec event_body event_bytes packing)
list(TRANSFORM codec PREPEND ${wire_root}/messages/)
list(TRANSFORM codec APPEND .cpp)
add_library(careline_messages STATIC ${codec})
target_include_directories(careline_messages PRIVATE ${wire_root})
target_compile_definitions(careline_messages PRIVATE MSGPACK_NO_BOOST)
target_link_libraries(careline_messages PUBLIC careline_vocabulary)

file(GLOB bus_sources CONFIGURE_DEPENDS ${wire_root}/gateway/*.cpp ${wire_root}/gateway/bus/*.cpp)
add_library(careline_bus STATIC ${bus_sources})
target_include_directories(careline_bus PRIVATE ${wire_root})
target_link_libraries(careline_bus PUBLIC careline_messages PRIVATE PkgConfig::ZMQ Threads::Threads)
