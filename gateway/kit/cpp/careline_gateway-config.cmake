# find_package(careline_gateway), then target_link_libraries(mine PRIVATE careline::gateway).
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(PkgConfig)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
include(${CMAKE_CURRENT_LIST_DIR}/careline_gateway-targets.cmake)
